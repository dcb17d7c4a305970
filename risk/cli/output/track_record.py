"""What the past issues of scores are worth, as printed."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from features.snapshot.snapshot import Snapshot
from features.vocabulary import OUTCOMES
from models.training.outcomes import find_label_lag
from risk.cli.output.table import print_table
from risk.ledger.line import LedgerLine
from risk.outputs.backtest_record import read_backtest_record
from risk.workflows.track_record import ReleaseScore, TierCount, measure_past_releases, score_backtest_record

FigureValues = Mapping[str, float | None]


def show_track_record(lines: Sequence[LedgerLine], out: Path, snapshot: Snapshot) -> None:
    """Every past issue beside what has happened since, and beside the back-test of the same outcome."""
    found, tests = measure_past_releases(lines, snapshot), score_backtest_record(read_backtest_record(out))
    if not found:
        print("No issue of scores is recorded yet.")
        return
    whole = [one for one in found if one.figures is not None]
    if whole:
        print("Issues whose years are all on record, beside the back-test (2000 to 2021)\n")
        print_table(
            (
                "issue",
                "outcome",
                "years",
                "known",
                "unknown",
                "Brier",
                "AUC",
                "happened",
                "forecast",
                "back-test Brier",
                "AUC",
            ),
            [_format_figures(one, one.figures or {}, tests[one.outcome]) for one in whole],
        )
    if part := [one for one in found if one.figures is None and one.on_record_to >= one.years[0]]:
        print("\nIssues whose years are on record in part: events so far; no score until all of it is known\n")
        rows = [
            (one.line, one.outcome, _format_years(one), f"to {one.on_record_to}", one.events_so_far) for one in part
        ]
        print_table(("issue", "outcome", "years", "on record", "events so far"), rows)
    if tiers := [(one, tier) for one in (*whole, *part) for tier in one.tiers]:
        print("\nBy tier: partners, events expected by the forecast, events that happened\n")
        headings = ("issue", "outcome", "tier", "partners", "expected", "happened", "did not")
        print_table(headings, [(one.line, one.outcome, *_format_tier_row(tier)) for one, tier in tiers])
    _show_first_dates([one for one in found if one.on_record_to < one.years[0]], snapshot)


def _show_first_dates(early: Sequence[ReleaseScore], snapshot: Snapshot) -> None:
    if not early:
        return
    print("\nCannot be measured yet\n")
    soonest = {(one.outcome, one.years): one for one in early}
    rows = [
        (
            outcome,
            _format_years(one),
            f"to {one.on_record_to}",
            years[0],
            years[1] + 1 + find_label_lag(outcome, "snapshot", snapshot),
        )
        for (outcome, years), one in sorted(soonest.items(), key=lambda item: OUTCOMES.index(item[0][0]))
    ]
    print_table(("outcome", "years", "on record", "in part once it holds", "in full, at today's lag, in"), rows)


def _format_figures(one: ReleaseScore, live: FigureValues, test: FigureValues) -> tuple[object, ...]:
    numbers = [_format_number(live[name]) for name in ("brier", "auc", "base", "mean_forecast")]
    known = f"{live['n']:.0f}" if live["n"] else "0"
    return (
        one.line,
        one.outcome,
        _format_years(one),
        known,
        one.unknown,
        *numbers,
        _format_number(test["brier"]),
        _format_number(test["auc"]),
    )


def _format_tier_row(count: TierCount) -> tuple[object, ...]:
    return (count.tier, count.partners, f"{count.expected:.1f}", count.events, count.partners - count.events)


def _format_number(value: float | None) -> str:
    return "–" if value is None else f"{value:.3f}"


def _format_years(one: ReleaseScore) -> str:
    return f"{one.years[0]} to {one.years[1]}"
