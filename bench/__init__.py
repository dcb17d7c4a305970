"""Benchmarks of the engine against its alternatives; scoring needs nothing here."""
