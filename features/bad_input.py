"""The one error for input that cannot be used: it carries a single clear line for the person who gave it."""


class BadInput(ValueError):  # noqa: N818 - it names what is wrong, not the program
    """Input that cannot be used, told in one line: which file, row and column, what was found, what was expected."""
