"""Reallocates a budget under a user's limits and computes the limits' shadow prices."""
