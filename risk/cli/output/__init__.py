"""The console output of each command."""
