"""Builds summaries as blocks, and renders the blocks as PDF and Word."""
