"""The few plain pieces a document is made of, in the order they are read; nothing here knows PDF or Word."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import chain

CellTexts = tuple[str, ...]


@dataclass(frozen=True)
class Heading:
    """A heading; level 1 opens a section, below the document's own title."""

    level: int
    text: str


@dataclass(frozen=True)
class Paragraph:
    """A paragraph; a lead, in larger letters, says what matters most."""

    text: str
    lead: bool = False


@dataclass(frozen=True)
class Listing:
    """Points, or steps where their order counts."""

    items: CellTexts
    numbered: bool = False


@dataclass(frozen=True)
class Definitions:
    """Terms, each with what is said of it."""

    pairs: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Table:
    """A table: widths weigh its columns against each other; groups are the rows that head those below them.

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
    """A drawing (SVG) with its title and what it shows in words; its numbers stand beside it as text or a table."""

    title: str
    alternative: str
    svg: str


DocumentBlock = Heading | Paragraph | Listing | Definitions | Table | Chart


@dataclass(frozen=True)
class ReportDocument:
    """All of one document; day is that of the snapshot, the only date a file carries."""

    title: str
    subtitle: str
    footer: str
    day: date
    blocks: tuple[DocumentBlock, ...]
    language: str = "en-GB"


def build_grouped_table(
    caption: str, header: CellTexts, grouped: Sequence[Sequence[CellTexts]], widths: tuple[int, ...]
) -> Table:
    """A table of groups of rows, the first row of each its head."""
    starts = (sum(map(len, grouped[:number])) for number in range(len(grouped)))
    return Table(caption, header, tuple(chain.from_iterable(grouped)), widths, tuple(starts))


def format_or_unknown(value: object) -> str:
    """A value in a sentence, a gap in words."""
    return "not known" if value is None else str(value)


def format_or_dash(value: object) -> str:
    """A value in a table, a gap as a dash."""
    return "–" if value is None else str(value)
