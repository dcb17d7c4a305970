"""Leverage, strategic value and what they are computed from."""
