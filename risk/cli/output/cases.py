"""What the command on cases prints: each case of a short file in full, a summary of any."""

from collections.abc import Iterator
from textwrap import fill
from typing import TYPE_CHECKING, Any

from risk.cases.tables.schema import RISKS

if TYPE_CHECKING:
    from risk.cases.tables.loading import Tables
    from risk.workflows.review_cases import CasesDone

WIDTH = 110
LISTED = ("triggers", "triggers_asked", "conditions", "redlines", "offramps", "messages", "checks")


def show_cases(done: "CasesDone", form: str | None = None) -> None:
    """Print the review of each case where the file held few, then how many came to what and where the results are.

    form: the format of memos that was asked for, if any.
    """
    for row in done.results.iter_rows(named=True) if done.results is not None else ():
        print("\n".join(_case(row, done.tables)) + "\n")
    tally = done.tally
    tiers = ", ".join(f"{tally.tiers[tier]:,} {tier}" for tier in sorted(tally.tiers, key=_order) if tally.tiers[tier])
    print(
        f"{tally.rows:,} rows: {tally.reviewed:,} reviewed (of them {tally.referred:,} referred), "
        f"{tally.sent_back:,} sent back, {tally.rejected:,} rejected"
    )
    print(f"Tiers    {tiers or 'none'}")
    print(f"Results  {done.folder}")
    if form and done.results is None:
        print(f"Memos    none: --format {form} counts for a YAML file alone")
    print(f"\n{fill(done.tables.warning, WIDTH)}")


def _order(tier: str) -> int:
    return ("severe", "high", "elevated", "guarded", "low", "referred").index(tier)


def _case(row: dict[str, Any], tables: "Tables") -> Iterator[str]:
    yield f"{row['id']}: {row['item']} for {row['partner']}, {row['end_user']}, by {row['programme']}"
    if row["sent_back_because"]:
        yield fill(f"Sent back. {row['sent_back_because']}", WIDTH)
        return
    driver = f", driven by {row['case_driver'].replace('_', ' ')}" if row["case_driver"] else ""
    yield f"Tier {row['case_tier']}{driver}; partner {row['partner_tier']}, posture {row['posture']}"
    for risk in RISKS:
        numbers = (row[f"{risk}_{what}"] for what in ("pair", "pressure", "exposure"))
        pair, pressure, exposure = ("not known" if value is None else f"{value:.3g}" for value in numbers)
        yield f"  {risk.replace('_', ' '):14} pair {pair:10} pressure {pressure:10} exposure {exposure}"
    if row["record"]:
        yield fill(f"Record: {row['record']}", WIDTH)
    days = f", {row['notification_days']} days" if row["notification_days"] else ""
    yield fill(f"Notice to Congress: {row['notification']}{days}. {row['notification_because']}", WIDTH)
    for name in LISTED:
        if row[name]:
            yield fill(f"{name.replace('_', ' ').capitalize()}: {row[name].replace(';', ', ')}", WIDTH)
    yield from _told("Ask", [tables.question(one) for one in _parted(row["questions"])])
    yield from _told("Safer", [tables.safer_way(one) for one in _parted(row["safer"])])


def _told(heading: str, texts: list[str]) -> Iterator[str]:
    for text in texts:
        yield fill(f"{heading}: {text}", WIDTH)


def _parted(ids: str) -> list[str]:
    return [one for one in ids.split(";") if one]
