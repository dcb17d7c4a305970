"""The memo on one case."""
