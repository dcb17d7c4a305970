"""What a run publishes can be read again, and an issue before it is kept until another takes its place."""

import json
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from features.bad_input import BadInput
from features.snapshot.cards import RAW_FOLDER
from features.snapshot.snapshot import CURRENT_SNAPSHOT, Snapshot
from risk.portfolio.policy import read_portfolio_policy
from risk.publishing.publish import RunOutputs, publish_outputs
from risk.publishing.report_inputs import load_report_inputs
from risk.publishing.yearly_series import load_history
from risk.report.partner.summary import summarize_partner
from risk.rules.loading import RULEBOOK_FOLDER
from risk.rules.rulebook_files import read_rulebook
from risk.workflows.rebuild_reports import rebuild_reports
from tests.features.snapshot.changed_snapshots import copy_snapshot, rewrite_table
from tests.risk.command_line import read_contents
from tests.risk.invented_outputs import (
    BASE_RATES,
    FACT_VALUES,
    INVENTED_PARTNERS,
    build_invented_supplement,
    build_invented_tables,
    build_partner_row,
)

RECORD: dict[str, Any] = {"decided_as_of": "2026-01-01", "origin": 2025, "horizon_end": 2027, "base_rates": BASE_RATES}
RECORD |= {"snapshot": "s", "models": "m", "rulebook": "r"}


def issue(out: Path, tier: str = "elevated", raw: Path = RAW_FOLDER, **changes: Any) -> None:
    """Publish the invented tables, Aldova in a tier, under a record with some changes."""
    tables = build_invented_tables()
    rows = [build_partner_row(tier=tier), *tables["partners"].rows(named=True)[1:]]
    standing = pl.DataFrame([{"iso3": iso3} | FACT_VALUES for iso3 in INVENTED_PARTNERS])
    tables |= {"partners": pl.DataFrame(rows, infer_schema_length=None), "panel": standing, "standing": standing}
    tables |= dict.fromkeys(("recourse", "cautions", "drift"), standing.clear())
    manifest = RECORD | {"base_rates": BASE_RATES} | changes
    policy = read_portfolio_policy(read_rulebook(RULEBOOK_FOLDER))
    outputs = RunOutputs(tables, manifest, build_invented_supplement(), policy)
    publish_outputs(out, outputs, Snapshot(raw))


def test_the_same_issue_again_gives_the_same_bytes_and_another_is_compared_with_it(tmp_path: Path) -> None:
    issue(tmp_path, tier="low")
    first = read_contents(tmp_path)
    assert "No earlier issue" in (tmp_path / "reports" / "index.html").read_text(encoding="utf-8")
    issue(tmp_path, tier="low")
    assert read_contents(tmp_path) == first
    issue(tmp_path, rulebook="newer")
    index = (tmp_path / "reports" / "index.html").read_text(encoding="utf-8")
    assert "tier low to elevated" in index and "What differs: rulebook." in index
    second = read_contents(tmp_path)
    issue(tmp_path, rulebook="newer")
    rebuild_reports(tmp_path, (), "html", snapshot=CURRENT_SNAPSHOT)
    assert read_contents(tmp_path) == second


def test_the_portfolio_is_made_from_the_snapshot_of_the_run(tmp_path: Path) -> None:
    raw = copy_snapshot(tmp_path)
    jordan = (pl.col("iso3") == "JOR") & (pl.col("year") == "2020")
    spent = pl.when(jordan).then(pl.lit("39000000000.0")).otherwise("usmil_assistance_usd")
    rewrite_table(raw, "us_assistance", "military", lambda frame: frame.with_columns(usmil_assistance_usd=spent))
    for name, snapshot in (("usual", RAW_FOLDER), ("other", raw)):
        issue(tmp_path / name, raw=snapshot)
    usual, other = (read_contents(tmp_path / name) for name in ("usual", "other"))
    for name in ("portfolio/by_partner.csv", "portfolio/claims.csv", "reports/portfolio.html"):
        assert usual[name] != other[name]
    assert b"39000000000" in other["portfolio/by_partner.csv"]
    # What was judged of Jordan no longer fits such a sum, and the page says so instead of contradicting itself.
    assert b"The figures have moved since this was judged" in other["reports/portfolio.html"]
    assert b"The figures have moved since this was judged" not in usual["reports/portfolio.html"]


def test_pages_written_again_keep_the_advice_of_the_run(tmp_path: Path) -> None:
    issue(tmp_path)
    assert (
        summarize_partner("ALD", load_report_inputs(tmp_path, snapshot=CURRENT_SNAPSHOT))["leverage_reading"]
        == "Spares bind for a decade."
    )


def test_the_texts_that_the_index_links_to_stand_beside_it(tmp_path: Path) -> None:
    issue(tmp_path)
    index = (tmp_path / "reports" / "index.html").read_text(encoding="utf-8")
    for name in ("method.txt", "model_card.txt"):
        assert f'href="{name}"' in index and (tmp_path / "reports" / name).stat().st_size > 1000


def test_a_record_that_cannot_be_read_is_refused_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "run.json").write_text("{")
    with pytest.raises(BadInput, match=r"run\.json: not readable as JSON") as refused:
        rebuild_reports(tmp_path, (), "html", snapshot=CURRENT_SNAPSHOT)
    assert "\n" not in str(refused.value)


def test_the_history_of_the_snapshot_has_each_series_with_the_years_it_covers() -> None:
    history = load_history(CURRENT_SNAPSHOT)
    military, agreed = (history.series[name] for name in ("usmil_assistance_usd", "usarms_fms_agreements_usd"))
    assert (military.last, military.absent_is_zero) == (2025, True)
    assert (agreed.last, agreed.absent_is_zero) == (2016, False)
    assert history.series["sipri_russia_tiv"].values["EGY"][1970] > 500
    assert set(history.neighbors["EGY"]) == {"ISR", "LBY", "SDN"} and "FRA" in history.neighbors["ESP"]
    assert history.since["SSD"] == 2011


def test_advice_is_kept_as_json_anyone_can_read(tmp_path: Path) -> None:
    issue(tmp_path)
    kept = json.loads((tmp_path / "advice.json").read_text(encoding="utf-8"))
    assert set(kept) == {"details", "cautions", "benchmarks", "last_year", "leverage_reading", "transfers"}


@pytest.mark.parametrize("text", ["{}", "[]", "null", '{"base_rates": {}}'])
def test_a_record_of_a_run_without_what_pages_need_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "run.json").write_text(text, encoding="utf-8")
    with pytest.raises(BadInput, match="run.json: lacks base_rates, decided_as_of; remove it"):
        load_report_inputs(tmp_path, CURRENT_SNAPSHOT)
