"""The pages beside the partners' pages."""
