"""New releases of the sources: fetch or read them, compile, compare with those in use, install or roll back."""
