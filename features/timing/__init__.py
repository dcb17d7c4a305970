"""What was known at each origin: lags, ages, and features derived from earlier years."""
