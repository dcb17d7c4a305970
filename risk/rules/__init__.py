"""Loads and validates the rulebook."""
