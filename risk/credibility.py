"""What leverage and hedging make credible: conditions that bite, or small steps and readiness to walk away."""

from risk.entries import Quadrant

UNKNOWN = "Leverage is not known: promise and threaten nothing that rests on it."
CREDIBLE = "conditions are credible."
FEW = "conditions are credible where they are few and rest on what only the United States supplies."
LOOSENING = "conditions bite while the partner still needs American support; take small steps and expect substitution."
WALK_AWAY = "take small steps, offer substitutes, and be ready to walk away."


def leverage_reading(leverage: float | None, hedging: float | None, cuts: Quadrant) -> str:
    """One sentence on what the two indices (0 to 100, or unknown) allow, by the cut-offs of the rulebook."""
    if leverage is None:
        return UNKNOWN
    high, low = leverage >= cuts.leverage_high_from, leverage < cuts.leverage_low_below
    heavy = hedging is not None and hedging >= cuts.hedging_heavy_from
    level = "high" if high else "low" if low else "middling"
    but = "but" if high and heavy else "and"
    return f"Leverage is {level} ({leverage:.3g} of 100) {but} {_hedging(hedging, cuts)}: {_allows(high, low, heavy)}"


def _hedging(hedging: float | None, cuts: Quadrant) -> str:
    if hedging is None:
        return "hedging is not known"
    if hedging >= cuts.hedging_heavy_from:
        return f"hedging is heavy ({hedging:.3g})"
    little = hedging < cuts.hedging_heavy_from / 2
    return f"there is {'little' if little else 'some'} hedging ({hedging:.3g})"


def _allows(high: bool, low: bool, heavy: bool) -> str:
    if high:
        return LOOSENING if heavy else CREDIBLE
    return WALK_AWAY if low or heavy else FEW
