"""Training: outcomes, splits, estimator and calibration."""
