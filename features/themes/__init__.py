"""One file per theme of indicators."""
