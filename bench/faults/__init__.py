"""Fault injection: killed commands, concurrent writers, flipped bytes, and a soak test of one folder."""
