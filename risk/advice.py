"""What pages say of each partner beyond the tables: rules in full, cautions, recourse, leverage, the year before."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import polars as pl

from features.bad_input import BadInput
from features.plain_json import parsed
from risk.credibility import leverage_reading
from risk.entries import Quadrant
from risk.report.given import Advice
from risk.report.recourse import recourse_sentence


def advise(
    details: Mapping[str, Mapping[str, Any]],
    cautions: pl.DataFrame,
    recourse: pl.DataFrame,
    partners: pl.DataFrame,
    cuts: Quadrant,
    last_year: pl.DataFrame,
    transfers: Mapping[str, Any] | None = None,
) -> Advice:
    """Gather it all by rule or partner.

    details: by rule and caution id; cautions, recourse, partners: the output tables; cuts: the rulebook's of the day;
    last_year: iso3, origin, probability, low, high of misuse from the facts of a year earlier;
    transfers: the tables on transfers in plain values, see risk.transfer_words.
    """
    readings = {
        iso3: leverage_reading(leverage, hedging, cuts)
        for iso3, leverage, hedging in partners.select("iso3", "leverage", "hedging").iter_rows()
    }
    return Advice(
        details=details,
        cautions=_cautions(cautions, details),
        benchmarks=_benchmarks(recourse),
        leverage_reading=readings,
        last_year={row.pop("iso3"): row for row in last_year.to_dicts()},
        transfers=transfers or {},
    )


def read_advice(path: Path) -> Advice:
    """What the last run kept to be said beyond the tables; BadInput where it cannot be read."""
    try:
        return Advice(**parsed(path.read_bytes()))
    except (OSError, ValueError, TypeError):
        raise BadInput(f"{path}: cannot be read; run `make score` again") from None


def _cautions(rows: pl.DataFrame, details: Mapping[str, Mapping[str, Any]]) -> dict[str, list[dict[str, Any]]]:
    said: dict[str, list[dict[str, Any]]] = {}
    for row in rows.iter_rows(named=True):
        cases = details.get(row["caution"], {}).get("precedents", [])
        said.setdefault(row["iso3"], []).append({"title": row["title"], "because": row["because"], "precedents": cases})
    return said


def _benchmarks(recourse: pl.DataFrame) -> dict[str, dict[str, str]]:
    """A sentence a route, under its measures; a page puts it beside the condition that asks for the one measure."""
    said: dict[str, dict[str, str]] = {}
    for (iso3, _), rows in recourse.group_by("iso3", "route", maintain_order=True):
        under = "+".join(measure or "" for measure in rows["measure"])
        said.setdefault(str(iso3), {})[under] = recourse_sentence(rows.to_dicts())
    return said
