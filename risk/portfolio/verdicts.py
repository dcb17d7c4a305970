"""What the data say of a claim, as a text whose figures are computed and whose wording holds while they do."""

from collections.abc import Callable, Mapping
from math import floor

from risk.portfolio.policy import PortfolioPolicy
from risk.portfolio.policy_types import PLACEHOLDER, Claim, VerdictValue
from risk.portfolio.public_claims import Definition

Definitions = Mapping[tuple[str, str], Definition]


def write_verdict(claim: Claim, defined: Definitions) -> str:
    """The verdict with its figures; where one lies beyond its bounds, that the wording no longer holds."""
    figures = {name: compute_value(claim.id, value, defined) for name, value in claim.values.items()}
    if any(find_fault(claim.values[name], figure) for name, figure in figures.items()):
        return f"The figures have moved since this was judged on {claim.reference.as_of}: read them below."
    return PLACEHOLDER.sub(lambda found: _write_value(claim.values[found[1]], figures[found[1]] or 0.0), claim.verdict)


def check_bounds(policy: PortfolioPolicy, defined: Definitions) -> None:
    """Raise BadInput where a figure lies beyond the bounds in which the wording of a verdict holds."""
    file = policy.files["claims"]
    for position, claim in enumerate(policy.claims):
        for name, value in claim.values.items():
            if fault := find_fault(value, compute_value(claim.id, value, defined)):
                raise file.refusal((position, "values", name), f"{name} {fault}: write the verdict again")


def check_definitions(policy: PortfolioPolicy, defined: Definitions) -> None:
    """Raise BadInput where no figures are computed for a claim, or none under the definition that a value names."""
    file = policy.files["claims"]
    for position, claim in enumerate(policy.claims):
        labels = [label for name, label in defined if name == claim.id]
        if not labels:
            raise file.refusal((position, "id"), "no figures are computed for this claim")
        for name, value in claim.values.items():
            if value.of not in labels:
                what = f"unknown definition {value.of!r}, expected one of {'; '.join(labels)}"
                raise file.refusal((position, "values", name, "of"), what)


def compute_value(claim: str, value: VerdictValue, defined: Definitions) -> float | None:
    """The figure that a value names; none where a year of it has no money to be a share of."""
    definition = defined[claim, value.of]
    if value.each_year is None:
        return definition.compute(value.first, value.last)
    years = [definition.compute(year, year) for year in range(value.first, value.last + 1)]
    pick: Callable[..., float] = min if value.each_year == "lowest" else max
    return None if None in years else pick(years)


def find_fault(value: VerdictValue, figure: float | None) -> str | None:
    """Why the wording does not hold by this figure, or nothing where it does."""
    if figure is None:
        return "has no figure in these years"
    if value.between is not None and not value.between[0] <= figure <= value.between[1]:
        return f"is {figure:g}, beyond {value.between[0]:g} to {value.between[1]:g}"
    return None


def _write_value(value: VerdictValue, figure: float) -> str:
    scaled = figure * 100 if value.written == "percent" else figure / 1e9
    if value.rounded == "down":
        scaled = floor(scaled * 10**value.decimals) / 10**value.decimals
    number = f"{scaled:,.{value.decimals}f}"
    return f"{number}%" if value.written == "percent" else f"${number} billion"
