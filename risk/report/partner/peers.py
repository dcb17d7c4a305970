"""Partners to look at beside this one: neighbours by land, and the nearest in risk and strategic value."""

import math
from collections.abc import Sequence

from risk.report.contracts.partner import Other, Others
from risk.report.formatting import counted, percent, phrase
from risk.report.inputs import Given

NEAREST = 4


def neighbours(iso3: str, given: Given) -> Others:
    """Neighbours by land that are partners, the riskiest first; told is how they were chosen."""
    near = [name for name in given.history.neighbours.get(iso3, ()) if name in given.partners]
    rows = [_row(name, given) for name in sorted(near, key=lambda name: (-_share(name, given), name))]
    told = (
        "Partners that share a border on land or a river, as on record in 2016." if rows else "None by land on record."
    )
    return {"told": told, "rows": rows}


def comparables(iso3: str, given: Given) -> Others:
    """The partners of the same region nearest in probability of misuse and strategic value."""
    own, region = _place(iso3, given), given.partners[iso3]["region"]
    if own is None:
        return {"told": "None: without a probability and a strategic value nothing can be compared.", "rows": []}
    places = {name: _place(name, given) for name, row in given.partners.items() if row["region"] == region}
    apart = {name: math.dist(own, place) for name, place in places.items() if place and name != iso3}
    nearest = sorted(apart, key=lambda name: (apart[name], name))[:NEAREST]
    rows: list[Other] = [{**_row(name, given), "differs": _differs(own, places[name])} for name in nearest]
    told = (
        "The partners of the same region nearest in probability of misuse and in strategic value, a percentage point "
    )
    told += "counting as much as a point of value."
    return {"told": told if rows else "No other partner of its region has both figures.", "rows": rows}


def _row(iso3: str, given: Given) -> Other:
    partner = given.partners[iso3]
    value = partner["strategic_value"]
    return {
        "iso3": partner["iso3"],
        "partner": partner["partner"],
        "tier": partner["tier"],
        "probability": percent(_misuse(iso3, given)),
        "posture": phrase(partner["posture"]),
        "strategic_value": None if value is None else round(value),
    }


def _misuse(iso3: str, given: Given) -> float | None:
    return next((row["probability"] for row in given.scores[iso3] if row["outcome"] == "misuse"), None)


def _share(iso3: str, given: Given) -> float:
    share = _misuse(iso3, given)
    return -1.0 if share is None else share


def _place(iso3: str, given: Given) -> Sequence[float] | None:
    share, value = _misuse(iso3, given), given.partners[iso3]["strategic_value"]
    return None if share is None or value is None else (100 * share, value)


def _differs(own: Sequence[float], other: Sequence[float] | None) -> str:
    assert other is not None
    gaps = [round(theirs - ours) for ours, theirs in zip(own, other, strict=True)]
    return ", ".join(_gap(name, gap) for name, gap in zip(("risk", "value"), gaps, strict=True))


def _gap(name: str, gap: int) -> str:
    return f"{name} {counted(abs(gap), 'point')} {'higher' if gap > 0 else 'lower'}" if gap else f"same {name}"
