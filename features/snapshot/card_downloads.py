"""Download fields of a card: where files are fetched, when releases are due, how far they may revise values."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

CoveredYear = Literal["same year", "previous year", "the year before that"]
FileKind = Literal["csv", "tsv", "json", "gzip", "zip", "dataverse"]
FileLayout = Literal["", "vdem_core", "owid_vdem", "wgi", "wdi", "wdi_oil", "powell_thyne"]


class _StrictModel(BaseModel):
    model_config = ConfigDict(extra="forbid")


class FileAddress(_StrictModel):
    """Where a file is fetched: several URLs if the publisher has one file per measure.

    member: the file in a zip archive or Dataverse data set, as a pattern such as `*.csv`. layout: the adapter that
    converts the publisher's columns to those the reader expects. release: the release at this address, for the card.
    tried: when the address last worked, or `not tried here`.
    """

    urls: list[str] = Field(min_length=1)
    kind: FileKind = "csv"
    member: str = ""
    layout: FileLayout = ""
    encoding: str = "utf-8"
    tried: str
    release: str = ""


class FileDownload(_StrictModel):
    """How one published file is obtained: from its addresses, the publisher's own first, or by a person, and why."""

    file: str
    addresses: list[FileAddress] = []
    person: str = ""


class ReleaseCalendar(_StrictModel):
    """The publisher's calendar: the month of the yearly release, the last year it covers, and the tables it updates."""

    month: int = Field(ge=1, le=12)
    covers: CoveredYear
    tables: list[str] = []


class RevisionLimits(_StrictModel):
    """How far a new release may differ from the one in use before a person must accept it.

    share: share of the values in both that may differ. largest: the largest change of one value, as a share of its
    column's range in the release in use. lost: share of the rows in use that may be missing; partners and years never.
    """

    share: float = Field(0.2, ge=0, le=1)
    largest: float = Field(0.5, ge=0)
    lost: float = Field(0.02, ge=0, le=1)
