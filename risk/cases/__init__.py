"""One proposed transfer, or ten million: what it could be misused for, which law binds, what to ask for."""
