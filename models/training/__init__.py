"""The recipe: outcomes, splits, estimator, calibration, training."""
