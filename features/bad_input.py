"""The error for input that cannot be used, with one clear line for the user who supplied it."""

LONGEST_LINE, LONGEST_QUOTED = 1_500, 80


class BadInput(ValueError):  # noqa: N818 - the name says what is wrong: the input, not the program
    """Input that cannot be used, described in one line: file, row, column, value found and value expected.

    Further arguments are further lines. Text quoted from the input cannot break a line, control a terminal or fill it.
    """

    def __str__(self) -> str:
        """The lines, with unprintable characters escaped."""
        return "\n  ".join(_escape_line(str(line)) for line in self.args)


def quote_value(value: object) -> str:
    """A value shortened to fit in a message."""
    try:
        text = repr(value)
    except ValueError:
        # Python refuses to print an integer of more than 4,300 digits.
        text = f"a value of type {type(value).__name__} that is too long to show"
    return text if len(text) <= LONGEST_QUOTED else f"{text[: LONGEST_QUOTED - 3]}..."


def find_first_line(error: BaseException) -> str:
    """The first line of a library's error message, or the error's type if it has none."""
    return next((line for line in str(error).splitlines() if line.strip()), type(error).__name__)


def _escape_line(line: str) -> str:
    if not line.isprintable():
        line = "".join(char if char.isprintable() else ascii(char)[1:-1] for char in line)
    return line if len(line) <= LONGEST_LINE else f"{line[: LONGEST_LINE - 1]}…"
