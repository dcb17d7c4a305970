"""Recourse in words: how partners like this one fared in the past, never what a change would bring about."""

from collections.abc import Sequence
from typing import Any

from risk.report.words import percent, spread


def recourse_sentence(rows: Sequence[dict[str, Any]]) -> str:
    """A route in one sentence; `rows` are its rows in out/recourse.parquet, one for each measure it asks."""
    first = rows[0]
    before, after = percent(first["probability_before"]), percent(first["probability_after"])
    if first["measure"] is None:
        return f"No realistic improvement in the measures looked at goes with less than the {before} it has now."
    lower = first["tier_after"] != first["tier_before"]
    tier = f"{first['tier_after']}, not {first['tier_before']}" if lower else f"{first['tier_before']}, as now"
    opening = "In the past" if lower else "No realistic improvement goes with a lower tier; at best, in the past"
    return (
        f"{opening}, partners like this one but with {' and '.join(map(_asked, rows))} went on to misuse in an "
        f"estimated {after} of cases ({spread(first['low_after'], first['high_after'])}), against {before} as it "
        f"stands: {tier}; {first['seen_elsewhere']} of {first['started_alike']} other partners once near such "
        f"levels improved as much within {first['within_years']} years."
    )


def _asked(row: dict[str, Any]) -> str:
    label = row["label"][:1].lower() + row["label"][1:]
    stop = "," if "," in label else ""
    return f"{label}{stop} at {row['asked']:.3g} ({row['now']:.3g} in {row['now_year']})"
