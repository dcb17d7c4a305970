"""What an officer reads: plain summaries, and the pages that render them."""
