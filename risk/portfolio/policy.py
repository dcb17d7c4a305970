"""The portfolio's part of the rulebook: windows, data gaps, claims and competing objectives, read and checked."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import TypeVar

import polars as pl
from pydantic import BaseModel

from features.bad_input import BadInput
from features.files.yaml_with_lines import MarkedYaml
from features.partners import load_partners
from risk.portfolio.policy_types import (
    Claim,
    DataGap,
    NamedPartner,
    SourceNote,
    Table,
    TablePeriod,
    Tension,
    Window,
    Within,
)
from risk.portfolio.series import ASSISTANCE, LABELS
from risk.rules.checks import check_texts
from risk.rules.files import PORTFOLIO, RulebookFiles

FILES: dict[str, type[BaseModel]] = {
    "windows": Window,
    "periods": TablePeriod,
    "data_gaps": DataGap,
    "source_notes": SourceNote,
    "named_partners": NamedPartner,
    "claims": Claim,
    "tensions": Tension,
}
# What one entry of a file has for itself alone.
KEYS = {"windows": "series", "named_partners": "within"}
Model = TypeVar("Model", bound=BaseModel)


@dataclass(frozen=True)
class PortfolioPolicy:
    """Everything read from rulebook/portfolio, and the files it stands in."""

    windows: tuple[Window, ...]
    periods: tuple[TablePeriod, ...]
    data_gaps: tuple[DataGap, ...]
    source_notes: tuple[SourceNote, ...]
    named_partners: tuple[NamedPartner, ...]
    claims: tuple[Claim, ...]
    tensions: tuple[Tension, ...]
    files: dict[str, MarkedYaml]

    def find_window(self, series: str) -> Window:
        """The window of a series."""
        return next(one for one in self.windows if one.series == series)

    def list_periods(self, table: Table) -> list[tuple[int, int]]:
        """First and last years of the periods that a table tells of."""
        return [(one.first, one.last) for one in self.periods if one.table == table]

    def find_named(self, within: Within) -> NamedPartner:
        """The partner named beside a sum."""
        return next(one for one in self.named_partners if one.within == within)


def read_portfolio_policy(rulebook: RulebookFiles, schema: pl.Schema | None = None) -> PortfolioPolicy:
    """Read and check a rulebook's folder `portfolio`; with the schema of a standing, also that its columns exist.

    Raises BadInput with file and line at the first entry that does not hold.
    """
    _refuse_strange_files(rulebook)
    files = {stem: rulebook.parse_file(f"{PORTFOLIO}/{stem}.yaml") for stem in FILES}
    policy = PortfolioPolicy(
        windows=_read_entries(files["windows"], Window),
        periods=_read_entries(files["periods"], TablePeriod),
        data_gaps=_read_entries(files["data_gaps"], DataGap),
        source_notes=_read_entries(files["source_notes"], SourceNote),
        named_partners=_read_entries(files["named_partners"], NamedPartner),
        claims=_read_entries(files["claims"], Claim),
        tensions=_read_entries(files["tensions"], Tension),
        files=files,
    )
    _check_series(policy)
    _check_partners(policy)
    _check_periods(policy)
    if schema is not None:
        _check_columns(policy, schema)
    return policy


def _refuse_strange_files(rulebook: RulebookFiles) -> None:
    folder = rulebook.folder / PORTFOLIO
    if not folder.is_dir():
        raise BadInput(f"{folder}: there is no such folder; what the portfolio goes by stands in it")
    strange = sorted(path.name for path in folder.iterdir() if path.stem not in FILES or path.suffix != ".yaml")
    if strange:
        raise BadInput(f"{strange[0]}: the portfolio's rules have no such file; they are {', '.join(FILES)}")


def _read_entries(file: MarkedYaml, model: type[Model]) -> tuple[Model, ...]:
    check_texts(file)
    entries = tuple(file.validate(model, (position,)) for position in range(len(file.entries())))
    key = KEYS.get(file.name.removesuffix(".yaml"), "id")
    names = [getattr(entry, key, None) for entry in entries]
    for position, name in enumerate(names):
        if name is not None and name in names[:position]:
            raise file.refusal((position, key), f"{name!r} is given twice")
    return entries


def _check_series(policy: PortfolioPolicy) -> None:
    for stem, entries in (("windows", policy.windows), ("data_gaps", policy.data_gaps)):
        _refuse_strangers(policy.files[stem], "series", [one.series for one in entries], LABELS)
    missing = [name for name in LABELS if name not in {one.series for one in policy.windows}]
    if missing:
        raise policy.files["windows"].refusal((), f"the series {missing[0]!r} has no window")


def _check_partners(policy: PortfolioPolicy) -> None:
    known = set(load_partners()["iso3"])
    gaps, named = (
        [one.partner for one in policy.data_gaps],
        [one.partner for one in policy.named_partners],
    )
    for stem, partners in (("data_gaps", gaps), ("named_partners", named)):
        for position, iso3 in enumerate(partners):
            if iso3 is not None and iso3 not in known:
                raise policy.files[stem].refusal((position, "partner"), f"{iso3!r} is not the ISO3 code of a partner")
    missing = {"be_wary", "europe"} - {one.within for one in policy.named_partners}
    if missing:
        raise policy.files["named_partners"].refusal((), f"no partner is named within {min(missing)!r}")


def _check_periods(policy: PortfolioPolicy) -> None:
    """The page's first sentence tells the concentration of assistance in its window."""
    window = policy.find_window(ASSISTANCE)
    if (window.first, window.last) not in policy.list_periods("concentration"):
        what = (
            f"no period of the table concentration runs from {window.first} to {window.last}, the window of assistance"
        )
        raise policy.files["periods"].refusal((), what)


def _check_columns(policy: PortfolioPolicy, schema: pl.Schema) -> None:
    file = policy.files["tensions"]
    for position, tension in enumerate(policy.tensions):
        for side in ("urgent", "record"):
            for number, fact in enumerate(getattr(tension, side)):
                if fact.column not in schema or not schema[fact.column].is_numeric():
                    what = f"{fact.column!r} is no column of numbers of the standing"
                    raise file.refusal((position, side, number, "column"), what)


def _refuse_strangers(file: MarkedYaml, field: str, names: Iterable[str], known: Collection[str]) -> None:
    for position, name in enumerate(names):
        if name not in known:
            raise file.refusal((position, field), f"unknown {field} {name!r}, expected one of {', '.join(known)}")
