"""A user's own indicator, checked and taken in."""
