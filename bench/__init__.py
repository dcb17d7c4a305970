"""The engine measured beside what a user would pick instead; nothing here is needed to score."""
