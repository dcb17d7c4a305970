"""One file a publisher: its released files in, tidy facts by iso3 and year out."""
