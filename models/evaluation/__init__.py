"""Back-tests, baselines, figures and the model card."""
