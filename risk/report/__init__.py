"""Summaries for officers, and the pages that render them."""
