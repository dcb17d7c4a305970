"""The content of each page, as types that builders and templates are checked against."""
