"""Replays past notifications from the data available before each."""
