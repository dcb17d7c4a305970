"""What the command on cases prints: each case of a short file in full, a summary of any."""

from collections.abc import Iterator
from textwrap import fill
from typing import TYPE_CHECKING, Any

from risk.cases.tables.schema import RISKS

if TYPE_CHECKING:
    from risk.cases.tables.loading import TransferTables
    from risk.workflows.review_cases import CaseReviewResult

TEXT_WIDTH = 110
LISTED_COLUMNS = ("triggers", "triggers_asked", "conditions", "redlines", "offramps", "messages", "checks")


def show_cases(done: "CaseReviewResult", form: str | None = None) -> None:
    """Print the review of each case where the file held few, then how many came to what and where the results are.

    form: the format of memos that was asked for, if any.
    """
    for row in done.results.iter_rows(named=True) if done.results is not None else ():
        print("\n".join(_describe_case(row, done.tables)) + "\n")
    tally = done.tally
    tiers = ", ".join(
        f"{tally.tiers[tier]:,} {tier}" for tier in sorted(tally.tiers, key=_rank_tier) if tally.tiers[tier]
    )
    print(
        f"{tally.rows:,} rows: {tally.reviewed:,} reviewed (of them {tally.referred:,} referred), "
        f"{tally.sent_back:,} sent back, {tally.rejected:,} rejected"
    )
    print(f"Tiers    {tiers or 'none'}")
    print(f"Results  {done.folder}")
    if form and done.results is None:
        print(f"Memos    none: --format {form} counts for a YAML file alone")
    print(f"\n{fill(done.tables.warning, TEXT_WIDTH)}")


def _rank_tier(tier: str) -> int:
    return ("severe", "high", "elevated", "guarded", "low", "referred").index(tier)


def _describe_case(row: dict[str, Any], tables: "TransferTables") -> Iterator[str]:
    yield f"{row['id']}: {row['item']} for {row['partner']}, {row['end_user']}, by {row['programme']}"
    if row["sent_back_because"]:
        yield fill(f"Sent back. {row['sent_back_because']}", TEXT_WIDTH)
        return
    driver = f", driven by {row['case_driver'].replace('_', ' ')}" if row["case_driver"] else ""
    yield f"Tier {row['case_tier']}{driver}; partner {row['partner_tier']}, posture {row['posture']}"
    for risk in RISKS:
        numbers = (row[f"{risk}_{what}"] for what in ("pair", "pressure", "exposure"))
        pair, pressure, exposure = ("not known" if value is None else f"{value:.3g}" for value in numbers)
        yield f"  {risk.replace('_', ' '):14} pair {pair:10} pressure {pressure:10} exposure {exposure}"
    if row["record"]:
        yield fill(f"Record: {row['record']}", TEXT_WIDTH)
    days = f", {row['notification_days']} days" if row["notification_days"] else ""
    yield fill(f"Notice to Congress: {row['notification']}{days}. {row['notification_because']}", TEXT_WIDTH)
    for name in LISTED_COLUMNS:
        if row[name]:
            yield fill(f"{name.replace('_', ' ').capitalize()}: {row[name].replace(';', ', ')}", TEXT_WIDTH)
    yield from _format_heading_lines("Ask", [tables.find_question(one) for one in _split_ids(row["questions"])])
    yield from _format_heading_lines("Safer", [tables.find_safer_alternative(one) for one in _split_ids(row["safer"])])


def _format_heading_lines(heading: str, texts: list[str]) -> Iterator[str]:
    for text in texts:
        yield fill(f"{heading}: {text}", TEXT_WIDTH)


def _split_ids(ids: str) -> list[str]:
    return [one for one in ids.split(";") if one]
