"""An append-only ledger of released scores, reviewers' decisions with reasons, and reported incidents."""
