"""One file a theme of indicators."""
