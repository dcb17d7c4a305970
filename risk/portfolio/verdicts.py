"""Verdicts on claims: texts with computed figures, valid while the figures stay within bounds."""

from collections.abc import Callable, Mapping
from math import floor

from risk.portfolio.policy import PortfolioPolicy
from risk.portfolio.policy_types import PLACEHOLDER, Claim, VerdictValue
from risk.portfolio.public_claims import Definition

Definitions = Mapping[tuple[str, str], Definition]


def write_verdict(claim: Claim, defined: Definitions) -> str:
    """Fill in a verdict's figures, or say that its wording is out of date if a figure is out of bounds."""
    figures = {name: compute_value(claim.id, value, defined) for name, value in claim.values.items()}
    if any(find_fault(claim.values[name], figure) for name, figure in figures.items()):
        return f"The figures have moved since this was judged on {claim.reference.as_of}: read them below."
    return PLACEHOLDER.sub(lambda match: _write_value(claim.values[match[1]], figures[match[1]] or 0.0), claim.verdict)


def check_bounds(policy: PortfolioPolicy, defined: Definitions) -> None:
    """Raise BadInput if a figure is outside the bounds for a verdict's wording."""
    file = policy.files["claims"]
    for position, claim in enumerate(policy.claims):
        for name, value in claim.values.items():
            if fault := find_fault(value, compute_value(claim.id, value, defined)):
                raise file.refusal((position, "values", name), f"{name} {fault}: revise the verdict")


def check_definitions(policy: PortfolioPolicy, defined: Definitions) -> None:
    """Raise BadInput if a claim has no computed figures, or none for a value's definition."""
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
    """Compute a value's figure; None if the denominator of any year is zero."""
    definition = defined[claim, value.of]
    if value.each_year is None:
        return definition.compute(value.first, value.last)
    years = [definition.compute(year, year) for year in range(value.first, value.last + 1)]
    pick: Callable[..., float] = min if value.each_year == "lowest" else max
    return None if None in years else pick(years)


def find_fault(value: VerdictValue, figure: float | None) -> str | None:
    """Explain why the figure breaks the wording, or return None if it does not."""
    if figure is None:
        return "has no figure in these years"
    if value.between is not None and not value.between[0] <= figure <= value.between[1]:
        return f"is {figure:g}, outside {value.between[0]:g} to {value.between[1]:g}"
    return None


def _write_value(value: VerdictValue, figure: float) -> str:
    scaled = figure * 100 if value.written == "percent" else figure / 1e9
    if value.rounded == "down":
        scaled = floor(scaled * 10**value.decimals) / 10**value.decimals
    number = f"{scaled:,.{value.decimals}f}"
    return f"{number}%" if value.written == "percent" else f"${number} billion"
