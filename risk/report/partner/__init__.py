"""What a partner's page says."""
