"""The blocks of a document, in reading order, independent of PDF and Word."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import chain

CellTexts = tuple[str, ...]


@dataclass(frozen=True)
class Heading:
    """A heading; level 1 opens a section, below the document's title."""

    level: int
    text: str


@dataclass(frozen=True)
class Paragraph:
    """A paragraph; a lead, in larger type, says what matters most."""

    text: str
    lead: bool = False


@dataclass(frozen=True)
class Listing:
    """A bulleted list, or a numbered one if the order matters."""

    items: CellTexts
    numbered: bool = False


@dataclass(frozen=True)
class Definitions:
    """Terms with their definitions."""

    pairs: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Table:
    """A table; widths: relative column widths; groups: the rows that head those below them.

    room: whether each row leaves room to write in by hand.
    """

    caption: str
    header: CellTexts
    rows: tuple[CellTexts, ...]
    widths: tuple[int, ...]
    groups: tuple[int, ...] = ()
    room: bool = False


@dataclass(frozen=True)
class Chart:
    """A drawing (SVG) with its title and a description; its numbers are also in a text or table next to it."""

    title: str
    alternative: str
    svg: str


DocumentBlock = Heading | Paragraph | Listing | Definitions | Table | Chart


@dataclass(frozen=True)
class ReportDocument:
    """One document; day: of the snapshot, the only date in the file."""

    title: str
    subtitle: str
    footer: str
    day: date
    blocks: tuple[DocumentBlock, ...]
    language: str = "en-GB"


def build_grouped_table(
    caption: str, header: CellTexts, grouped: Sequence[Sequence[CellTexts]], widths: tuple[int, ...]
) -> Table:
    """Build a table of groups of rows, each headed by its first row."""
    starts = (sum(map(len, grouped[:number])) for number in range(len(grouped)))
    return Table(caption, header, tuple(chain.from_iterable(grouped)), widths, tuple(starts))


def format_or_unknown(value: object) -> str:
    """Format a value for a sentence, or 'not known'."""
    return "not known" if value is None else str(value)


def format_or_dash(value: object) -> str:
    """Format a value for a table, or a dash."""
    return "–" if value is None else str(value)
