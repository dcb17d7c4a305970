"""Gathers a run's results for the pages and writes them."""
