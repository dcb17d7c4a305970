"""The snapshot in data/raw: cards, compiled tables, checksums and freshness."""
