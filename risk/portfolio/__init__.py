"""Where the money goes, what is commonly said of it, and what else it could do."""
