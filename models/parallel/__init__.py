"""Work spread over processes or a cluster."""
