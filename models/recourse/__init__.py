"""Recourse: which realistic improvements are associated with a lower tier."""
