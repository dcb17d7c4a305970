"""One file per publisher: reads its released files and returns tidy facts by iso3 and year."""
