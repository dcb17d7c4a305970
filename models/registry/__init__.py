"""Model registry: saved models, checksums, MLflow, champion and challengers."""
