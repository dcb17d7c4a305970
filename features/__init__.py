"""From published facts to features: what was known about each partner, and when."""
