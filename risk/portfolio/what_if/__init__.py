"""Reallocates a budget under a user's limits, and prices them."""
