"""Builds the memo on a case."""
