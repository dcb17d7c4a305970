"""What a card says of its publisher's ways: where files are fetched, when issues come, how far they may revise."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

CoveredYear = Literal["same year", "previous year", "the year before that"]
FileKind = Literal["csv", "tsv", "json", "gzip", "zip", "dataverse"]
FileLayout = Literal["", "vdem_core", "owid_vdem", "wgi", "wdi", "wdi_oil", "powell_thyne"]


class _StrictModel(BaseModel):
    model_config = ConfigDict(extra="forbid")


class FileAddress(_StrictModel):
    """Where a file is fetched: several addresses where the publisher gives one measure each.

    member: which file of a zip archive, or of a Dataverse data set, as a pattern such as `*.csv`. layout: the adapter
    that turns the publisher's columns into those the reader takes. release: what the address serves, for the
    card. tried: when the address was last seen to work, or `not tried here`.
    """

    urls: list[str] = Field(min_length=1)
    kind: FileKind = "csv"
    member: str = ""
    layout: FileLayout = ""
    encoding: str = "utf-8"
    tried: str
    release: str = ""


class FileDownload(_StrictModel):
    """How one published file is had: from its addresses, the publisher's own first, or by a person, and why."""

    file: str
    addresses: list[FileAddress] = []
    person: str = ""


class ReleaseCalendar(_StrictModel):
    """The publisher's calendar: the month of the yearly issue, the last year it covers, and the tables it moves."""

    month: int = Field(ge=1, le=12)
    covers: CoveredYear
    tables: list[str] = []


class RevisionLimits(_StrictModel):
    """How far a new issue may differ from the one in use before a person must accept it.

    share: of the values in both, how many may differ. largest: how far one may move, as a share of its column's range
    in the issue in use. lost: share of the rows in use that may be gone; a partner or a year may never be.
    """

    share: float = Field(0.2, ge=0, le=1)
    largest: float = Field(0.5, ge=0)
    lost: float = Field(0.02, ge=0, le=1)
