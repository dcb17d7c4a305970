"""Applies the rulebook to partners and returns decisions."""
