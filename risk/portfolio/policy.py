"""Reads and checks the portfolio's part of the rulebook: windows, data gaps, claims and competing objectives."""

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
from risk.rules.rulebook_files import PORTFOLIO, RulebookFiles

FILES: dict[str, type[BaseModel]] = {
    "windows": Window,
    "periods": TablePeriod,
    "data_gaps": DataGap,
    "source_notes": SourceNote,
    "named_partners": NamedPartner,
    "claims": Claim,
    "tensions": Tension,
}
# The field that must be unique in each file.
KEYS = {"windows": "series", "named_partners": "within"}
Model = TypeVar("Model", bound=BaseModel)


@dataclass(frozen=True)
class PortfolioPolicy:
    """The content of rulebook/portfolio, and its source files."""

    windows: tuple[Window, ...]
    periods: tuple[TablePeriod, ...]
    data_gaps: tuple[DataGap, ...]
    source_notes: tuple[SourceNote, ...]
    named_partners: tuple[NamedPartner, ...]
    claims: tuple[Claim, ...]
    tensions: tuple[Tension, ...]
    files: dict[str, MarkedYaml]

    def find_window(self, series: str) -> Window:
        """Return the window of a series."""
        return next(window for window in self.windows if window.series == series)

    def list_periods(self, table: Table) -> list[tuple[int, int]]:
        """Return the first and last years of a table's periods."""
        return [(period.first, period.last) for period in self.periods if period.table == table]

    def find_named(self, within: Within) -> NamedPartner:
        """Return the partner named next to a sum."""
        return next(partner for partner in self.named_partners if partner.within == within)


def read_portfolio_policy(rulebook: RulebookFiles, schema: pl.Schema | None = None) -> PortfolioPolicy:
    """Read and check a rulebook's folder `portfolio`; with a schema of rule inputs, also check that columns exist.

    Raises BadInput with file and line of the first invalid entry.
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
        raise BadInput(f"{folder}: no such folder; the portfolio's rules belong there")
    unknown = sorted(path.name for path in folder.iterdir() if path.stem not in FILES or path.suffix != ".yaml")
    if unknown:
        raise BadInput(f"{unknown[0]}: not a file of the portfolio's rules; expected {', '.join(FILES)}")


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
        _refuse_strangers(policy.files[stem], "series", [entry.series for entry in entries], LABELS)
    missing = [name for name in LABELS if name not in {window.series for window in policy.windows}]
    if missing:
        raise policy.files["windows"].refusal((), f"series {missing[0]!r} has no window")


def _check_partners(policy: PortfolioPolicy) -> None:
    known = set(load_partners()["iso3"])
    gaps, named = (
        [gap.partner for gap in policy.data_gaps],
        [partner.partner for partner in policy.named_partners],
    )
    for stem, partners in (("data_gaps", gaps), ("named_partners", named)):
        for position, iso3 in enumerate(partners):
            if iso3 is not None and iso3 not in known:
                raise policy.files[stem].refusal((position, "partner"), f"{iso3!r} is not the ISO3 code of a partner")
    missing = {"be_wary", "europe"} - {partner.within for partner in policy.named_partners}
    if missing:
        raise policy.files["named_partners"].refusal((), f"no partner is named within {min(missing)!r}")


def _check_periods(policy: PortfolioPolicy) -> None:
    """Check that the concentration table covers the window of assistance, which the page's first sentence quotes."""
    window = policy.find_window(ASSISTANCE)
    if (window.first, window.last) not in policy.list_periods("concentration"):
        what = f"table concentration has no period from {window.first} to {window.last}, the window of assistance"
        raise policy.files["periods"].refusal((), what)


def _check_columns(policy: PortfolioPolicy, schema: pl.Schema) -> None:
    file = policy.files["tensions"]
    for position, tension in enumerate(policy.tensions):
        for side in ("urgent", "record"):
            for number, fact in enumerate(getattr(tension, side)):
                if fact.column not in schema or not schema[fact.column].is_numeric():
                    what = f"{fact.column!r} is not a numeric column of the rule inputs"
                    raise file.refusal((position, side, number, "column"), what)


def _refuse_strangers(file: MarkedYaml, field: str, names: Iterable[str], known: Collection[str]) -> None:
    for position, name in enumerate(names):
        if name not in known:
            raise file.refusal((position, field), f"unknown {field} {name!r}, expected one of {', '.join(known)}")
