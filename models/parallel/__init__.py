"""Parallel work over processes or a cluster."""
