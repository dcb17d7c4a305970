"""One whole run on the real snapshot: its tables, what they promise each other, and the same bytes again."""

import io
import json
import shutil
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from polars.testing import assert_frame_equal

import risk
from features.bad_input import BadInput
from features.snapshot.snapshot import CURRENT_SNAPSHOT, Snapshot
from features.vocabulary import OUTCOMES
from risk.outputs.atomic_swap import hold_run_lock
from risk.rules.loading import RULEBOOK_FOLDER as RULEBOOK
from risk.workflows.score import run_score
from tests.conftest import FinishedRun
from tests.features.snapshot.changed_snapshots import copy_snapshot, rewrite_table
from tests.risk.command_line import read_contents

COLUMNS = {
    "scores": "iso3 partner region origin horizon_end outcome probability low high onset_probability status tier "
    "rank coverage model",
    "reasons": "iso3 origin outcome theme feature label value unit value_year contribution_logodds position",
    "decisions": "iso3 partner rule kind result title because evidence benchmark_measure benchmark_now "
    "benchmark_asked benchmark_by unlocks reference as_of reference_status",
    "partners": "iso3 partner region tier posture strategic_value leverage dependence hedging triggers headline",
}
VALUES = {
    ("scores", "status"): {"ongoing", "clear", "unknown"},
    ("scores", "tier"): {"low", "guarded", "elevated", "high", "severe", "referred"},
    ("scores", "outcome"): set(OUTCOMES),
    ("decisions", "kind"): {"trigger", "check", "positive_condition", "redline", "offramp", "message"},
    ("decisions", "result"): {"applies", "refer"},
    ("partners", "posture"): {"invest", "condition", "limit", "be_wary", "referred"},
}


@pytest.fixture(scope="module")
def scores(finished_run: FinishedRun) -> pl.DataFrame:
    return pl.read_parquet(finished_run.out / "scores.parquet")


@pytest.fixture(scope="module")
def decisions(finished_run: FinishedRun) -> pl.DataFrame:
    return pl.read_parquet(finished_run.out / "decisions.parquet")


@pytest.fixture(scope="module")
def partners(finished_run: FinishedRun) -> pl.DataFrame:
    return pl.read_parquet(finished_run.out / "partners.parquet")


@pytest.mark.parametrize("table", COLUMNS)
def test_a_table_has_the_columns_of_the_contract_in_its_order(finished_run: FinishedRun, table: str) -> None:
    frame = pl.read_parquet(finished_run.out / f"{table}.parquet")
    assert frame.columns == COLUMNS[table].split()
    assert frame.equals(getattr(risk, table)(finished_run.out))


@pytest.mark.parametrize(("table", "column"), VALUES)
def test_a_column_of_words_holds_the_words_of_the_contract(finished_run: FinishedRun, table: str, column: str) -> None:
    found = set(pl.read_parquet(finished_run.out / f"{table}.parquet")[column])
    assert found <= VALUES[table, column] and len(found) > 1


@pytest.mark.parametrize("table", ["scores", "decisions"])
def test_the_csv_has_the_rows_and_columns_of_the_parquet_file(finished_run: FinishedRun, table: str) -> None:
    frame = pl.read_parquet(finished_run.out / f"{table}.parquet")
    text = pl.read_csv(finished_run.out / f"{table}.csv", infer_schema=False)
    assert text.columns == frame.columns and text["iso3"].equals(frame["iso3"])


def test_at_least_190_partners_have_all_four_outcomes_once_each(scores: pl.DataFrame) -> None:
    assert scores["iso3"].n_unique() >= 190
    assert not scores.select("iso3", "outcome").is_duplicated().any()
    assert scores.group_by("iso3").len()["len"].unique().to_list() == [len(OUTCOMES)]
    assert scores.select("origin", "horizon_end").unique().rows() == [(2025, 2027)]


def test_probabilities_lie_in_their_intervals(scores: pl.DataFrame) -> None:
    given = scores.filter(pl.col("probability").is_not_null())
    assert given.height > 600
    ordered = (pl.col("low") > 0) & (pl.col("low") <= pl.col("probability"))
    assert (
        given.filter(ordered & (pl.col("probability") <= pl.col("high")) & (pl.col("high") < 1)).height == given.height
    )


def test_a_tier_is_referred_exactly_where_there_is_no_probability(scores: pl.DataFrame, partners: pl.DataFrame) -> None:
    referred = scores["tier"] == "referred"
    assert referred.any() and referred.equals(scores["probability"].is_null(), check_names=False)
    misuse = scores.filter(outcome="misuse").select("iso3", "tier")
    assert_frame_equal(partners.select("iso3", "tier"), misuse)


def test_a_higher_probability_never_has_a_lower_rank_or_tier(scores: pl.DataFrame) -> None:
    order = ["low", "guarded", "elevated", "high", "severe"]
    for outcome in OUTCOMES:
        ranked = scores.filter(pl.col("outcome") == outcome, pl.col("rank").is_not_null()).sort("rank")
        assert ranked["rank"][0] == 1 and ranked["probability"].is_sorted(descending=True)
        assert [order.index(tier) for tier in ranked["tier"]] == sorted(map(order.index, ranked["tier"]), reverse=True)


def test_sudan_and_myanmar_are_far_riskier_than_norway_and_japan(scores: pl.DataFrame) -> None:
    misuse = dict(scores.filter(outcome="misuse").select("iso3", "probability").iter_rows())
    assert min(misuse["SDN"], misuse["MMR"]) > 0.9 and max(misuse["NOR"], misuse["JPN"]) < 0.05


def test_every_partner_above_the_lowest_tier_has_recourse_and_benchmarks_ask_for_no_less(
    finished_run: FinishedRun, partners: pl.DataFrame, decisions: pl.DataFrame
) -> None:
    recourse = pl.read_parquet(finished_run.out / "recourse.parquet")
    above = partners.filter(~pl.col("tier").is_in(["low", "referred"]))
    tiers = recourse.select("iso3", tier="tier_before").unique().sort("iso3")
    assert_frame_equal(tiers, above.select("iso3", "tier"))
    lower = recourse.filter(pl.col("tier_after") != pl.col("tier_before"))
    asked = decisions.join(lower, left_on=["iso3", "benchmark_measure"], right_on=["iso3", "measure"])
    assert asked.filter(pl.col("benchmark_asked") == pl.col("asked")).height > 0
    further = (pl.col("benchmark_asked") - pl.col("benchmark_now")).abs()
    assert asked.filter(
        pl.col("benchmark_by") == "2031-11-23", further < (pl.col("asked") - pl.col("now")).abs()
    ).is_empty()


def test_the_result_holds_what_the_rulebook_says_beside_the_decisions(finished_run: FinishedRun) -> None:
    result = finished_run.result
    assert set(result.decisions["rule"]) <= set(result.rule_details)
    assert set(result.cautions["caution"]) <= set(result.rule_details) and result.cautions.height > 100


def test_reasons_cover_every_partner_and_outcome_and_are_numbered_by_weight(finished_run: FinishedRun) -> None:
    reasons = pl.read_parquet(finished_run.out / "reasons.parquet").sort("iso3", "outcome", "position")
    groups = reasons.group_by("iso3", "outcome").agg(pl.len(), last=pl.col("position").max())
    assert groups.height == finished_run.result.scores.height
    assert (groups["len"] == groups["last"]).all()
    assert reasons.filter(iso3="EGY", outcome="coup")["contribution_logodds"].abs().is_sorted(descending=True)
    assert reasons.select(pl.col("label", "theme", "unit").null_count()).row(0) == (0, 0, 0)


def test_the_evidence_of_every_decision_names_conditions_values_years_and_whether_they_held(
    decisions: pl.DataFrame,
) -> None:
    assert decisions.height > 500
    for row in decisions.iter_rows(named=True):
        held = [fact["holds"] for fact in json.loads(row["evidence"])]
        assert held and False not in held
        assert (row["result"] == "applies") == all(held)
    first = json.loads(decisions["evidence"][0])[0]
    assert set(first) == {"fact", "values", "years", "holds"} and set(first["values"]) == set(first["years"])


def test_a_trigger_binds_whatever_the_tier_and_is_named_with_its_partner(
    decisions: pl.DataFrame, partners: pl.DataFrame
) -> None:
    bound = decisions.filter(kind="trigger", result="applies").group_by("iso3").agg(pl.col("rule").sort())
    listed = dict(partners.filter(pl.col("triggers") != "").select("iso3", "triggers").iter_rows())
    assert {iso3: ";".join(rules) for iso3, rules in bound.iter_rows()} == listed
    assert partners.filter(iso3="CUB")["tier"].item() in ("low", "guarded", "elevated")
    assert "state_sponsor_of_terrorism" in listed["CUB"]


def test_every_decision_cites_its_reference_with_a_date_and_a_status(decisions: pl.DataFrame) -> None:
    cited = decisions.select("title", "because", "reference", "as_of", "reference_status")
    assert cited.null_count().sum_horizontal().item() == 0
    assert decisions["as_of"].str.to_date().is_not_null().all()


def test_each_partner_has_a_page_that_names_it_and_the_index_links_to_it(
    finished_run: FinishedRun, partners: pl.DataFrame
) -> None:
    folder = finished_run.out / "reports"
    index = (folder / "index.html").read_text(encoding="utf-8")
    assert {path.stem for path in folder.glob("???.html")} == set(partners["iso3"])
    for iso3 in partners["iso3"]:
        assert f'href="{iso3}.html"' in index
    assert "Egypt" in (folder / "EGY.html").read_text(encoding="utf-8")


def test_the_record_tells_what_decided_the_run(finished_run: FinishedRun) -> None:
    record = json.loads((finished_run.out / "run.json").read_text(encoding="utf-8"))
    assert {"snapshot", "rulebook", "models", "profile", "versions", "seconds", "trained_to"} <= set(record)
    assert record["profile"] == "snapshot" and set(record["trained_to"]) == set(OUTCOMES)
    assert sorted(finished_run.result.trained) == sorted(OUTCOMES)


SPOIL: dict[str, tuple[Callable[[Path], None], str]] = {
    "a missing table": (lambda raw: (raw / "wdi" / "oil.csv").unlink(), r"oil\.csv: missing"),
    "an altered table": (
        lambda raw: rewrite_table(raw, "pts", "scores", lambda frame: frame.head(5000), vouch=False),
        r"scores\.csv: altered or cut off: checksum \w+…, the card says",
    ),
    "a renamed column": (
        lambda raw: rewrite_table(raw, "pts", "scores", lambda frame: frame.rename({"pts_state": "state"})),
        "columns differ from the card in pts_state, state",
    ),
    "a value out of range": (
        lambda raw: rewrite_table(raw, "pts", "scores", lambda frame: frame.with_columns(pts_state=pl.lit("7"))),
        "row 2, column pts_state: 7.0 is outside 1 to 5",
    ),
    "a duplicate key": (
        lambda raw: rewrite_table(raw, "pts", "scores", lambda frame: pl.concat([frame, frame.head(1)])),
        "appears 2 times, once is allowed",
    ),
}


@pytest.mark.parametrize("fault", SPOIL)
def test_a_faulty_snapshot_is_refused_in_one_line_before_anything_is_written(
    finished_run: FinishedRun, tmp_path: Path, fault: str
) -> None:
    spoil, said = SPOIL[fault]
    raw, before = copy_snapshot(tmp_path), read_contents(finished_run.out)
    spoil(raw)
    with pytest.raises(BadInput, match=said) as refused:
        run_score(finished_run.out, snapshot=Snapshot(raw))
    assert "\n" not in str(refused.value)
    assert read_contents(finished_run.out) == before


def test_an_unreadable_rulebook_is_refused_before_any_model_is_trained(tmp_path: Path) -> None:
    rulebook = Path(shutil.copytree(RULEBOOK, tmp_path / "rulebook"))
    broken = rulebook / "triggers.yaml"
    broken.write_bytes(b"- id: [unclosed\n\xff")
    with pytest.raises(BadInput, match=broken.name) as refused:
        run_score(tmp_path / "out", rulebook=rulebook, snapshot=CURRENT_SNAPSHOT)
    assert "\n" not in str(refused.value)
    assert not (tmp_path / "out" / "models").exists()


def test_a_run_opens_each_file_of_the_rulebook_once(
    finished_run: FinishedRun, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rulebook = Path(shutil.copytree(RULEBOOK, tmp_path / "rulebook"))
    out = Path(shutil.copytree(finished_run.out, tmp_path / "out"))
    opened, really_open = Counter[str](), io.open

    def counting(file: Any, *args: Any, **kwargs: Any) -> Any:
        opened[str(file)] += str(file).startswith(str(rulebook))
        return really_open(file, *args, **kwargs)

    monkeypatch.setattr("io.open", counting)
    monkeypatch.setattr("builtins.open", counting)
    run_score(out, rulebook=rulebook, snapshot=CURRENT_SNAPSHOT)
    assert +opened == dict.fromkeys(map(str, rulebook.rglob("*.yaml")), 1)


def test_a_second_run_in_the_same_folder_is_refused(tmp_path: Path) -> None:
    with hold_run_lock(tmp_path), pytest.raises(BadInput, match="another run is writing here"):
        run_score(tmp_path, snapshot=CURRENT_SNAPSHOT)


def test_no_page_is_larger_than_150_kilobytes(finished_run: FinishedRun) -> None:
    pages = sorted((finished_run.out / "reports").glob("*.html"))
    assert len(pages) == 198
    assert {page.name: page.stat().st_size for page in pages if page.stat().st_size > 150 * 1024} == {}
