"""What tends to follow: outcomes, forecasts, their reasons and their measured worth."""
