"""Leverage, strategic value and their inputs."""
