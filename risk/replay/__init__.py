"""Looks back: past notifications reviewed at what was known before them."""
