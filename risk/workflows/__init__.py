"""One file per workflow of a command."""
