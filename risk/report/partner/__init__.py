"""Builds the content of a partner's page."""
