"""The rulebook's tables on transfers: items, users, pairs, notices."""
