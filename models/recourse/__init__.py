"""Which realistic improvements go with a lower tier."""
