"""Drift is said in a few lines, the heaviest input first, and kept whole beside the scores."""

import polars as pl

from risk.publishing.drift_text import describe_drift
from tests.conftest import FinishedRun


def invented(*notable: str) -> pl.DataFrame:
    rows = [
        {"feature": f"f{i}", "label": f"Invented {i}", "known": 0.5, "known_in_training": 0.9, "outside": 0.25,
         "shift": 0.4, "notable": kind, "weight": 1 - i / 10}
        for i, kind in enumerate(notable)
    ]  # fmt: skip
    return pl.DataFrame(rows)


def test_nothing_is_said_where_nothing_is_notable() -> None:
    assert describe_drift(invented("", "")) == [] and describe_drift(pl.DataFrame()) == []


def test_each_kind_is_said_in_words_and_no_more_than_three_of_many() -> None:
    first, *others = describe_drift(invented("lost", "", "outside", "shift", "shift"))
    assert first == "4 of 5 inputs differ notably from the training data; the most important:"
    assert others == [
        "  Invented 0: known for 50% of partners, 90% in training; weighs 1.00 log-odds on average",
        "  Invented 2: outside the training range for 25% of partners; weighs 0.80 log-odds on average",
        "  Invented 3: shifted against training (index 0.40, notable from 0.25); weighs 0.70 log-odds on average",
    ]


def test_a_run_keeps_the_drift_of_all_that_its_headline_reads(finished_run: FinishedRun) -> None:
    kept = pl.read_parquet(finished_run.out / "drift.parquet")
    read = pl.read_parquet(finished_run.out / "reasons.parquet").filter(outcome="misuse", iso3="EGY")["feature"]
    assert set(kept["feature"]) == set(read) and kept["weight"].is_sorted(descending=True)
    assert kept["label"].null_count() == 0
