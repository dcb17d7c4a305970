"""Saved models, their checksums, MLflow, champion and challengers."""
