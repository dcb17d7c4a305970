"""Reads and checks the rulebook."""
