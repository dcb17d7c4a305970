"""Owns the out/ folder: writing, swapping in, reading back."""
