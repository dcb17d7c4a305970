"""Case files read row by row: YAML, CSV, Parquet."""
