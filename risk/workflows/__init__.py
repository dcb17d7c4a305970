"""One file for each thing a command does."""
