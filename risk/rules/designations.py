"""Dated lists of countries under a legal designation: which country was on which list on a day, if known.

A listing says that a country was named, a waiver that the restriction was lifted; they are recorded separately.
"""

from collections.abc import Collection, Iterable, Sequence
from datetime import date, timedelta
from typing import Annotated, Literal

import polars as pl
from pydantic import Field, model_validator

from features.files.yaml_with_lines import MarkedYaml
from risk.rules.validity import RulebookModel, ValidityPeriod, add_years, find_overlap

ReadingStatus = Literal["confirmed", "verify"]
Iso3 = Annotated[str, Field(pattern="^[A-Z]{3}$")]


class ListMembership(ValidityPeriod):
    """Countries on a list for the same period, with their source."""

    iso3: list[Iso3] = Field(min_length=1)
    source: str
    status: ReadingStatus
    note: str | None = None


class ListWaiver(ListMembership):
    """A restriction lifted although the country is listed; only a full waiver lifts the trigger."""

    extent: Literal["full", "part"]


class WatchedYears(RulebookModel):
    """How many years before a gap a country's listing leaves its status during the gap unknown."""

    years: int = Field(ge=0)
    because: str


class Completeness(RulebookModel):
    """The day from which a list is complete, if later than its first entry."""

    day: date
    because: str


class ListGap(ValidityPeriod):
    """A period for which no list was found, so that nothing is known about any country."""

    because: str


class Designation(RulebookModel):
    """One list: what it restricts, when it was last read, its members and its waivers."""

    id: str = Field(pattern="^[a-z0-9_]+$")
    title: str
    authority: str
    source: str
    as_of: date
    known_to: date | None = None
    complete_from: Completeness | None = None
    watch: WatchedYears
    memberships: list[ListMembership] = Field(min_length=1)
    waivers: list[ListWaiver] = []
    gaps: list[ListGap] = []
    left_out: dict[str, str] = {}
    note: str | None = None

    @model_validator(mode="after")
    def _check_overlaps(self) -> "Designation":
        for what, rows in (("memberships", self.memberships), ("waivers", self.waivers)):
            for iso3 in sorted({code for row in rows for code in row.iso3}):
                clash = find_overlap(row for row in rows for code in row.iso3 if code == iso3)
                if clash:
                    raise ValueError(f"{what} of {iso3} overlap: from {clash[0].first} and from {clash[1].first}")
        return self

    @property
    def last_known_day(self) -> date:
        """The day the last list read expires, otherwise twelve months after the last reading."""
        return self.known_to or add_years(self.as_of, 1)

    def find_unknown_period(self, on: date) -> ValidityPeriod | None:
        """Find the gap that contains the day, or return None."""
        stale = ValidityPeriod(first=self.last_known_day + timedelta(days=1))
        return next((period for period in [*self.gaps, stale] if period.is_in_force(on)), None)

    def is_listed(self, iso3: str, on: date) -> bool | None:
        """Whether the country was on the list that day; None if unconfirmed or unknown."""
        return self.list_listing_answers([iso3], on)[0]

    def list_listing_answers(self, countries: Sequence[str], on: date) -> list[bool | None]:
        """List the answer of `is_listed` for each country."""
        gap = self.find_unknown_period(on)
        return [self._find_listing_answer(iso3, on, gap) for iso3 in countries]

    def _find_listing_answer(self, iso3: str, on: date, gap: ValidityPeriod | None) -> bool | None:
        if gap is not None:
            return None if self.find_last_listing(iso3, gap.first) is not None else False
        rows = [row for row in self.memberships if iso3 in row.iso3 and row.is_in_force(on)]
        if not rows:
            return False
        return True if rows[0].status == "confirmed" else None

    def find_last_listing(self, iso3: str, gap_starts: date) -> ListMembership | None:
        """Find the country's latest listing in the watched years before a gap, or return None."""
        since = add_years(gap_starts, -self.watch.years)
        rows = [r for r in self.memberships if iso3 in r.iso3 and r.first < gap_starts and r.lasts_until(since)]
        return max(rows, key=lambda row: row.first, default=None)

    def is_waived(self, iso3: str, on: date) -> bool | None:
        """Whether the restriction was fully waived that day; None if the waiver is unconfirmed."""
        rows = [row for row in self.waivers if iso3 in row.iso3 and row.extent == "full" and row.is_in_force(on)]
        if not rows:
            return False
        return True if rows[0].status == "confirmed" else None

    def describe_listing(self, iso3: str, on: date) -> str:
        """Describe in one sentence what the list says about a country: its source, or why that is unknown."""
        gap = self.find_unknown_period(on)
        row = (
            self.find_last_listing(iso3, gap.first)
            if gap
            else next((m for m in self.memberships if iso3 in m.iso3 and m.is_in_force(on)), None)
        )
        if row is None:
            return f"Not on the list ({self.title}, read as of {self.as_of})."
        listed = "listed" if row.status == "confirmed" else "perhaps listed"
        since = f"{self.title}: {listed} from {row.first}" + (f" to {row.last}" if row.last else "")
        doubt = f"; no list for {on} was found" if gap else "; not confirmed" if row.status == "verify" else ""
        return f"{since} ({row.source}), read as of {self.as_of}{doubt}."


def parse_designations(files: Iterable[MarkedYaml], partners_iso3: Collection[str]) -> list[Designation]:
    """Parse the list in each file, sorted by id; overlapping rows and codes that are not partners are refused."""
    return sorted((_parse_list(file, partners_iso3) for file in files), key=lambda designation: designation.id)


def _parse_list(file: MarkedYaml, partners_iso3: Collection[str]) -> Designation:
    designation = file.validate(Designation)
    if f"{designation.id}.yaml" != file.name:
        raise file.refusal(("id",), f"the id {designation.id!r} does not match the file name")
    for rows in ("memberships", "waivers"):
        for position, row in enumerate(getattr(designation, rows)):
            unknown_codes = [code for code in row.iso3 if code not in partners_iso3]
            if unknown_codes:
                raise file.refusal((rows, position), f"{unknown_codes[0]!r} is not the ISO3 code of a partner")
    return designation


def build_designation_columns(lists: Collection[Designation], partners_iso3: Collection[str], on: date) -> pl.DataFrame:
    """Build one row per partner: iso3; listed_<id> and waived_<id> of each list (null = unknown or unconfirmed)."""
    partners = sorted(set(partners_iso3))
    columns: dict[str, list[bool | None]] = {}
    for designation in sorted(lists, key=lambda entry: entry.id):
        columns[f"listed_{designation.id}"] = designation.list_listing_answers(partners, on)
        columns[f"waived_{designation.id}"] = [designation.is_waived(iso3, on) for iso3 in partners]
    answers = pl.DataFrame(columns, schema=dict.fromkeys(columns, pl.Boolean))
    return pl.DataFrame({"iso3": partners}, schema={"iso3": pl.String}).hstack(answers)


def describe_designations(lists: Collection[Designation], on: date) -> pl.DataFrame:
    """Build one row per list: list, title, as_of, known_to, known (on that day), and a note on what is unknown."""
    rows = [_describe_designation(designation, on) for designation in sorted(lists, key=lambda entry: entry.id)]
    return pl.DataFrame(
        rows,
        schema={
            "list": pl.String,
            "title": pl.String,
            "as_of": pl.Date,
            "known_to": pl.Date,
            "known": pl.Boolean,
            "note": pl.String,
        },
    )


def _describe_designation(designation: Designation, on: date) -> dict[str, object]:
    gap = designation.find_unknown_period(on)
    note = "" if gap is None else f"No list for {on} was found. Referred: {designation.watch.because}"
    return {
        "list": designation.id,
        "title": designation.title,
        "as_of": designation.as_of,
        "known_to": designation.last_known_day,
        "known": gap is None,
        "note": note,
    }
