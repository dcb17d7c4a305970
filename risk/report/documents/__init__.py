"""The same blocks as PDF and Word."""
