"""Owns the output folder: writing, swapping into place, reading back."""
