"""The five pair scores of every item and end user, from the formula and its exceptions."""

from math import floor, sqrt

import polars as pl

from risk.cases.tables.entry_types import RISKS, EndUser, ItemPairs, TransferItem
from risk.cases.tables.loading import TransferTables


def compute_pair_score(item: int, user: int) -> int:
    """Compute the geometric mean, rounded half up; zero if either score is zero."""
    return floor(sqrt(item * user) + 0.5)


def build_pair_table(tables: TransferTables) -> pl.DataFrame:
    """Build one row per item and end user, in code order: <risk>_item, <risk>_user and <risk>_base, 0 to 4.

    `<risk>_base` is null if the pairing is not expected. Several users taken together have the worst score of any.
    """
    users = {user.id: user for user in tables.end_users}
    expected = {pairs.item: pairs for pairs in tables.pairs}
    rows = [_build_pair_row(item, user, users, expected[item.id]) for item in tables.items for user in tables.end_users]
    columns = [f"{risk}_{what}" for risk in RISKS for what in ("item", "user", "base")]
    return pl.DataFrame(rows, schema=dict.fromkeys(columns, pl.Int8), orient="row")


def _build_pair_row(item: TransferItem, user: EndUser, users: dict[str, EndUser], pairs: ItemPairs) -> list[int | None]:
    single = [users[name] for name in user.together] if user.together else [user]
    fitting = [member for member in single if member.id in pairs.users]
    row: list[int | None] = []
    for position, risk in enumerate(RISKS):
        own = item.scores.list_scores()[position]
        scores = {member.id: member.scores.list_scores()[position] for member in single if member.scores}
        raised = {member.id: pairs.raised.get(member.id, {}).get(risk, 0) for member in fitting}
        base = [max(compute_pair_score(own, scores[member.id]), raised[member.id]) for member in fitting]
        row += [own, max(scores.values()), max(base) if base else None]
    return row
