"""Console output of the track record of past score releases."""

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
    releases, tests = measure_past_releases(lines, snapshot), score_backtest_record(read_backtest_record(out))
    if not releases:
        print("The ledger holds no score release yet.")
        return
    complete = [release for release in releases if release.figures is not None]
    if complete:
        print("Releases with complete outcomes, compared with the back-test (2000 to 2021)\n")
        print_table(
            (
                "release",
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
            [_format_figures(release, release.figures or {}, tests[release.outcome]) for release in complete],
        )
    if partial := [r for r in releases if r.figures is None and r.on_record_to >= r.years[0]]:
        print("\nReleases with partial outcomes: events so far (scored once all outcomes are known)\n")
        rows = [(r.line, r.outcome, _format_years(r), f"to {r.on_record_to}", r.events_so_far) for r in partial]
        print_table(("release", "outcome", "years", "on record", "events so far"), rows)
    if tiers := [(release, tier) for release in (*complete, *partial) for tier in release.tiers]:
        print("\nBy tier: partners, events expected by the forecast, events that happened\n")
        headings = ("issue", "outcome", "tier", "partners", "expected", "happened", "did not")
        print_table(headings, [(one.line, one.outcome, *_format_tier_row(tier)) for one, tier in tiers])
    _show_first_dates([release for release in releases if release.on_record_to < release.years[0]], snapshot)


def _show_first_dates(early: Sequence[ReleaseScore], snapshot: Snapshot) -> None:
    if not early:
        return
    print("\nToo early to score\n")
    latest = {(release.outcome, release.years): release for release in early}
    rows = [
        (
            outcome,
            _format_years(release),
            f"to {release.on_record_to}",
            years[0],
            years[1] + 1 + find_label_lag(outcome, "snapshot", snapshot),
        )
        for (outcome, years), release in sorted(latest.items(), key=lambda item: OUTCOMES.index(item[0][0]))
    ]
    print_table(("outcome", "years", "on record", "partial after", "complete in (at today's lag)"), rows)


def _format_figures(release: ReleaseScore, live: FigureValues, test: FigureValues) -> tuple[object, ...]:
    numbers = [_format_number(live[name]) for name in ("brier", "auc", "base", "mean_forecast")]
    known = f"{live['n']:.0f}" if live["n"] else "0"
    return (
        release.line,
        release.outcome,
        _format_years(release),
        known,
        release.unknown,
        *numbers,
        _format_number(test["brier"]),
        _format_number(test["auc"]),
    )


def _format_tier_row(count: TierCount) -> tuple[object, ...]:
    return (count.tier, count.partners, f"{count.expected:.1f}", count.events, count.partners - count.events)


def _format_number(value: float | None) -> str:
    return "–" if value is None else f"{value:.3f}"


def _format_years(release: ReleaseScore) -> str:
    return f"{release.years[0]} to {release.years[1]}"
