"""Back-tests, baselines, metrics and the model card."""
