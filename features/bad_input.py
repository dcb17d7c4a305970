"""The one error for input that cannot be used: it carries a single clear line for the person who gave it."""

LONGEST_LINE, LONGEST_QUOTED = 1_500, 80


class BadInput(ValueError):  # noqa: N818 - it names what is wrong, not the program
    """Input that cannot be used, told in one line: which file, row and column, what was found, what was expected.

    Further arguments are further lines. What a line quotes from the input cannot break it, steer a terminal or fill it.
    """

    def __str__(self) -> str:
        """The lines, with escapes for what cannot be shown."""
        return "\n  ".join(_escape_line(str(line)) for line in self.args)


def quote_value(value: object) -> str:
    """A value as it can be quoted in a line."""
    try:
        text = repr(value)
    except ValueError:
        # Python writes no whole number of more than 4,300 digits.
        text = f"a value of type {type(value).__name__} that is too long to show"
    return text if len(text) <= LONGEST_QUOTED else f"{text[: LONGEST_QUOTED - 3]}..."


def find_first_line(error: BaseException) -> str:
    """The first line of what an error of a library says, or what kind of error it is."""
    return next((line for line in str(error).splitlines() if line.strip()), type(error).__name__)


def _escape_line(line: str) -> str:
    if not line.isprintable():
        line = "".join(one if one.isprintable() else ascii(one)[1:-1] for one in line)
    return line if len(line) <= LONGEST_LINE else f"{line[: LONGEST_LINE - 1]}…"
