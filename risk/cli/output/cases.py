"""Console output of case review: every case of a short file in full, and a summary of any file."""

from collections.abc import Iterator
from textwrap import fill
from typing import TYPE_CHECKING, Any

from risk.cases.tables.entry_types import RISKS

if TYPE_CHECKING:
    from risk.cases.tables.loading import TransferTables
    from risk.workflows.review_cases import CaseReviewResult

TEXT_WIDTH = 110
LISTED_COLUMNS = ("triggers", "triggers_asked", "conditions", "redlines", "offramps", "messages", "checks")


def show_cases(review: "CaseReviewResult", form: str | None = None) -> None:
    """Print each case of a short file, then counts by result and where the results are.

    form: the requested memo format, if any.
    """
    for row in review.results.iter_rows(named=True) if review.results is not None else ():
        print("\n".join(_describe_case(row, review.tables)) + "\n")
    tally = review.tally
    tiers = ", ".join(
        f"{tally.tiers[tier]:,} {tier}" for tier in sorted(tally.tiers, key=_rank_tier) if tally.tiers[tier]
    )
    print(
        f"{tally.rows:,} rows: {tally.reviewed:,} reviewed ({tally.referred:,} of them referred), "
        f"{tally.sent_back:,} sent back, {tally.rejected:,} rejected"
    )
    print(f"Tiers    {tiers or 'none'}")
    print(f"Results  {review.folder}")
    if form and review.results is None:
        print(f"Memos    none: --format {form} applies only to a YAML file")
    print(f"\n{fill(review.tables.warning, TEXT_WIDTH)}")


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
    yield fill(f"Congressional notification: {row['notification']}{days}. {row['notification_because']}", TEXT_WIDTH)
    for name in LISTED_COLUMNS:
        if row[name]:
            yield fill(f"{name.replace('_', ' ').capitalize()}: {row[name].replace(';', ', ')}", TEXT_WIDTH)
    yield from _format_heading_lines(
        "Ask", [tables.find_question(question) for question in _split_ids(row["questions"])]
    )
    yield from _format_heading_lines(
        "Safer", [tables.find_safer_alternative(item) for item in _split_ids(row["safer"])]
    )


def _format_heading_lines(heading: str, texts: list[str]) -> Iterator[str]:
    for text in texts:
        yield fill(f"{heading}: {text}", TEXT_WIDTH)


def _split_ids(ids: str) -> list[str]:
    return [text for text in ids.split(";") if text]
