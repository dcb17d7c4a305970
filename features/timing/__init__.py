"""What was known when: lags, ages, and what is derived from earlier years."""
