"""How old each table is, and when the next release is due by the publisher's calendar."""

from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from features.snapshot.cards import SourceCard
from features.snapshot.compile import SOURCES
from features.snapshot.own_sources import list_own_cards
from features.snapshot.snapshot import Snapshot

YEARS_BACK = {"same year": 0, "previous year": 1, "the year before that": 2}


@dataclass(frozen=True)
class TableFreshness:
    """One table: its last year, the day its source was read, and when the next release is due (None: no calendar)."""

    source: str
    table: str
    latest_year: int | None
    read_on: date
    due: date | None

    def is_overdue(self, day: date) -> bool:
        """Whether the next release was due before `day`."""
        return self.due is not None and self.due < day


def find_next_due(card: SourceCard, table: str) -> date | None:
    """The last day of the month in which the first release beyond the table's last year is due by the calendar."""
    calendar, latest = card.published_each, card.tables[table].latest_year
    if calendar is None or latest is None or (calendar.tables and table not in calendar.tables):
        return None
    year = latest + 1 + YEARS_BACK[calendar.covers]
    return date(year, calendar.month, monthrange(year, calendar.month)[1])


def find_source_due(card: SourceCard) -> date | None:
    """The earliest day on which a release of the source is due, over its tables."""
    return min((due for name in card.tables if (due := find_next_due(card, name)) is not None), default=None)


def describe_published_cards(day: date, snapshot: Snapshot) -> list[dict[str, object]]:
    """A card each as pages tell it: its texts, the last year of its facts, and since when an issue is overdue on `day`.

    The publishers' cards come first, then those of own indicators.
    latest: a year or None; due: the day by which the next issue is due, or empty; overdue: the same, once it is past.
    """
    cards = [*(snapshot.read_card(source) for source in SOURCES), *list_own_cards(snapshot.folder)]
    return [_describe_card(card, day) for card in cards]


def _describe_card(card: SourceCard, day: date) -> dict[str, object]:
    due = find_source_due(card)
    years = [table.latest_year for table in card.tables.values() if table.latest_year is not None]
    return card.model_dump(mode="json", exclude={"tables", "downloads", "published_each"}) | {
        "latest": max(years, default=None),
        "due": str(due or ""),
        "overdue": str(due) if due is not None and due < day else "",
    }


def list_table_freshness(snapshot: Snapshot) -> Iterator[TableFreshness]:
    """Every table of the snapshot, in the order of the cards."""
    for source in SOURCES:
        card = snapshot.read_card(source)
        for name, table in card.tables.items():
            yield TableFreshness(source, name, table.latest_year, card.accessed, find_next_due(card, name))


def read_snapshot_day(snapshot: Snapshot) -> date:
    """The day the newest source was read: the day a decision is made for unless another is asked for."""
    return max(snapshot.read_card(source).accessed for source in SOURCES)
