"""What each page promises, as types that builders and templates are checked against."""
