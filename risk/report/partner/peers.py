"""A partner's peers: land neighbors, and the partners nearest in risk and strategic value."""

import math
from collections.abc import Sequence

from risk.report.contracts.partner import Other, Others
from risk.report.formatting import format_count, format_name, format_percent
from risk.report.inputs import ReportInputs

NEAREST_COUNT = 4


def list_land_neighbors(iso3: str, inputs: ReportInputs) -> Others:
    """List land neighbors that are partners, the riskiest first; `told` says how they were chosen."""
    near = [name for name in inputs.history.neighbors.get(iso3, ()) if name in inputs.partners]
    rows = [
        _build_peer_row(name, inputs) for name in sorted(near, key=lambda name: (-_sort_by_share(name, inputs), name))
    ]
    text = (
        "Partners that share a border on land or a river, as on record in 2016." if rows else "None by land on record."
    )
    return {"told": text, "rows": rows}


def list_comparable_partners(iso3: str, inputs: ReportInputs) -> Others:
    """List the partners of the same region nearest in probability of misuse and strategic value."""
    own, region = _locate_partner(iso3, inputs), inputs.partners[iso3]["region"]
    if own is None:
        return {"told": "None: without a probability and a strategic value nothing can be compared.", "rows": []}
    coordinates = {
        name: _locate_partner(name, inputs) for name, row in inputs.partners.items() if row["region"] == region
    }
    distances = {name: math.dist(own, location) for name, location in coordinates.items() if location and name != iso3}
    nearest = sorted(distances, key=lambda name: (distances[name], name))[:NEAREST_COUNT]
    rows: list[Other] = [
        {**_build_peer_row(name, inputs), "differs": _describe_differences(own, coordinates[name])} for name in nearest
    ]
    text = (
        "The partners of the same region nearest in probability of misuse and in strategic value, a percentage point "
    )
    text += "counting as much as a point of value."
    return {"told": text if rows else "No other partner of its region has both figures.", "rows": rows}


def _build_peer_row(iso3: str, inputs: ReportInputs) -> Other:
    partner = inputs.partners[iso3]
    value = partner["strategic_value"]
    return {
        "iso3": partner["iso3"],
        "partner": partner["partner"],
        "tier": partner["tier"],
        "probability": format_percent(_find_misuse_probability(iso3, inputs)),
        "posture": format_name(partner["posture"]),
        "strategic_value": None if value is None else round(value),
    }


def _find_misuse_probability(iso3: str, inputs: ReportInputs) -> float | None:
    return next((row["probability"] for row in inputs.scores[iso3] if row["outcome"] == "misuse"), None)


def _sort_by_share(iso3: str, inputs: ReportInputs) -> float:
    share = _find_misuse_probability(iso3, inputs)
    return -1.0 if share is None else share


def _locate_partner(iso3: str, inputs: ReportInputs) -> Sequence[float] | None:
    share, value = _find_misuse_probability(iso3, inputs), inputs.partners[iso3]["strategic_value"]
    return None if share is None or value is None else (100 * share, value)


def _describe_differences(own: Sequence[float], other: Sequence[float] | None) -> str:
    assert other is not None
    gaps = [round(theirs - ours) for ours, theirs in zip(own, other, strict=True)]
    return ", ".join(_describe_gap(name, gap) for name, gap in zip(("risk", "value"), gaps, strict=True))


def _describe_gap(name: str, gap: int) -> str:
    return f"{name} {format_count(abs(gap), 'point')} {'higher' if gap > 0 else 'lower'}" if gap else f"same {name}"
