"""Item with end user: the five pair scores of every combination, from the rule and its exceptions."""

from math import floor, sqrt

import polars as pl

from risk.cases.tables.loading import TransferTables
from risk.cases.tables.schema import RISKS, EndUser, ItemPairs, TransferItem


def compute_pair_score(item: int, user: int) -> int:
    """The square root of the product, rounded half up: a zero in either gives zero."""
    return floor(sqrt(item * user) + 0.5)


def build_pair_table(tables: TransferTables) -> pl.DataFrame:
    """One row an item and end user, in the order of their codes: <risk>_item, <risk>_user and <risk>_base, 0 to 4.

    `<risk>_base` is null where the pairing is not expected. Users taken together have the worst score of each.
    """
    users = {user.id: user for user in tables.end_users}
    expected = {pairs.item: pairs for pairs in tables.pairs}
    rows = [_build_pair_row(item, user, users, expected[item.id]) for item in tables.items for user in tables.end_users]
    columns = [f"{risk}_{what}" for risk in RISKS for what in ("item", "user", "base")]
    return pl.DataFrame(rows, schema=dict.fromkeys(columns, pl.Int8), orient="row")


def _build_pair_row(item: TransferItem, user: EndUser, users: dict[str, EndUser], pairs: ItemPairs) -> list[int | None]:
    single = [users[name] for name in user.together] if user.together else [user]
    fitting = [one for one in single if one.id in pairs.users]
    row: list[int | None] = []
    for position, risk in enumerate(RISKS):
        own = item.scores.list_scores()[position]
        scores = {one.id: one.scores.list_scores()[position] for one in single if one.scores}
        raised = {one.id: pairs.raised.get(one.id, {}).get(risk, 0) for one in fitting}
        base = [max(compute_pair_score(own, scores[one.id]), raised[one.id]) for one in fitting]
        row += [own, max(scores.values()), max(base) if base else None]
    return row
