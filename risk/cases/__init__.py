"""One proposed transfer, or ten million: what it could be misused for, which law binds it, and what to ask for in return."""
