"""The rulebook's transfer tables: items, end users, pairs, notifications."""
