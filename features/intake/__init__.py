"""Checking and installing a user's own indicators."""
