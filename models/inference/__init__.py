"""Scores and exact reasons from a trained model."""
