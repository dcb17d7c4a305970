"""Reads case files row by row: YAML, CSV, Parquet."""
