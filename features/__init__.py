"""Facts in, features out: what was known about each partner, and when."""
