"""Applies the rulebook to partners, and gives decisions."""
