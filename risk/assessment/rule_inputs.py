"""The rule inputs: each partner's forecasts, indices, facts and listings at the latest origin, in one row."""

from datetime import date

import polars as pl

from features.bad_input import BadInput
from features.indices.leverage import compute_leverage
from features.indices.strategic_value import compute_strategic_value
from features.partners import load_partners
from features.vocabulary import OUTCOMES
from risk.rules.designations import build_designation_columns
from risk.rules.rulebook_files import LISTS, RulebookFiles

TREATY_LISTS, MAJOR_ALLY_LIST = ("listed_nato", "listed_treaty_ally"), "listed_major_non_nato_ally"
OUTCOME_COLUMNS = ("probability", "low", "high", "status", "tier", "rank")


def build_rule_inputs(
    scores: pl.DataFrame,
    panel: pl.DataFrame,
    listed: pl.DataFrame,
    indexed: pl.DataFrame,
) -> pl.DataFrame:
    """One row a partner, the input to the rulebook.

    scores: the output table; panel: rows of the latest origin; listed: iso3 with listed_<list> and waived_<list>.
    indexed: the facts that only the indices read, as far behind as the panel's. `tier` is the tier of misuse, or
    referred.
    """
    wide = scores.select("iso3", "partner", "region", "origin", "coverage").unique(maintain_order=True)
    for outcome in OUTCOMES:
        one = scores.filter(pl.col("outcome") == outcome)
        wide = wide.join(one.select("iso3", *(pl.col(c).alias(f"{outcome}_{c}") for c in OUTCOME_COLUMNS)), on="iso3")
    known = panel.join(indexed, on=["iso3", "origin"], how="left")
    located = known.join(wide.select("iso3", "region"), on="iso3")
    joined = (
        wide.with_columns(tier=pl.col("misuse_tier"))
        .join(compute_leverage(known).drop("origin"), on="iso3")
        .join(compute_strategic_value(located, _find_alliance_ties(listed)).drop("origin"), on="iso3")
        .join(panel.drop("origin"), on="iso3")
        .join(listed, on="iso3", how="left")
    )
    return joined.with_columns(us_partner=_is_us_partner()).sort("iso3")


def build_rule_input_schema(panel: pl.DataFrame, listed: pl.DataFrame, indexed: pl.DataFrame) -> pl.Schema:
    """The columns a rule may name, from an empty standing."""
    text, number = pl.String, pl.Float64
    scores = pl.DataFrame(
        schema={"iso3": text, "partner": text, "region": text, "origin": pl.Int64, "coverage": number, "outcome": text}
        | dict.fromkeys(("probability", "low", "high"), number)
        | {"status": text, "tier": text, "rank": pl.Int64}
    )
    return build_rule_inputs(scores, panel.clear(), listed.clear(), indexed).schema


def load_designations_on(rulebook: RulebookFiles, day: date) -> pl.DataFrame:
    """Load one row per partner: iso3, listed_<list> and waived_<list> of every list of a rulebook, as known on a day.

    Raises BadInput if a list that strategic value uses is missing.
    """
    list_ids = {designation.id for designation in rulebook.lists}
    for name in (column.removeprefix("listed_") for column in (*TREATY_LISTS, MAJOR_ALLY_LIST)):
        if name not in list_ids:
            raise BadInput(f"{rulebook.folder / LISTS}: the list {name}.yaml is missing; strategic value needs it")
    return build_designation_columns(rulebook.lists, set(load_partners()["iso3"]), day)


def _find_alliance_ties(listed: pl.DataFrame) -> pl.DataFrame:
    return listed.select(
        "iso3",
        treaty_ally=pl.any_horizontal(pl.col(name).fill_null(False) for name in TREATY_LISTS),
        major_ally=pl.col(MAJOR_ALLY_LIST).fill_null(False),
    )


def _is_us_partner() -> pl.Expr:
    """Flag US arms deliveries, military assistance or notified sales in the last five years on record."""
    flows = ("sipri_us_tiv_sum5", "usmil_assistance_usd_sum5", "dsca_notifications_sum5")
    return pl.any_horizontal(pl.col(flow).fill_null(0) > 0 for flow in flows)
