"""Compact models: equal to the scikit-learn objects bit for bit, read without importing them, never of other parts."""

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest

from features.bad_input import BadInput
from models.inference.compact_model import CompactEnsemble, build_compact_ensemble
from models.inference.reasons import compute_contributions
from models.registry.compact_file import build_compact_path, find_compact_fault, read_compact_model, write_compact_model
from models.registry.fingerprint import Fingerprint
from models.registry.integrity import list_model_faults
from models.registry.store import save_model, write_compact_models
from models.training.estimator import PARAMETERS, Ensemble, fit_ensemble
from models.training.train import Model

FITTED = "a" * 64
KEY = Fingerprint("of this snapshot and code", "of these parameters")


@pytest.fixture
def path(tmp_path: Path, terror_model: Model) -> Path:
    result = build_compact_ensemble(terror_model.ensemble)
    assert result is not None
    write_compact_model(tmp_path / "state_terror.plain", result, FITTED)
    return tmp_path / "state_terror.plain"


def again(path: Path, model: Model) -> CompactEnsemble:
    result = read_compact_model(path, model.ensemble.columns, FITTED)
    assert result is not None
    return result


def same(fitted: Ensemble, plain: CompactEnsemble, rows: pl.DataFrame) -> bool:
    """Whether ranks and log-odds have the same bits."""
    return (
        fitted.compute_ranks(rows).tobytes() == plain.compute_ranks(rows).tobytes()
        and fitted.compute_log_odds(rows).tobytes() == plain.compute_log_odds(rows).tobytes()
    )


def test_forecasts_have_the_same_bits_as_those_of_the_fitted_parts(
    path: Path, terror_model: Model, terror_rows: pl.DataFrame
) -> None:
    plain = again(path, terror_model)
    assert plain.member_names == terror_model.ensemble.member_names
    for rows in (terror_rows.filter(pl.col("origin") > 1990), terror_rows.filter(iso3="EGY")):
        assert same(terror_model.ensemble, plain, rows)
    blank = terror_rows.head(3).with_columns(pl.lit(None, pl.Float64).alias(name) for name in plain.columns)
    assert same(terror_model.ensemble, plain, blank)


def test_values_beyond_all_that_was_seen_have_the_same_bits_too(
    path: Path, terror_model: Model, terror_rows: pl.DataFrame
) -> None:
    rows = terror_rows.filter(pl.col("origin") == 2005)
    for factor in (-1e6, 0.0, 1e6):
        moved = rows.with_columns(pl.col(name) * factor for name in terror_model.ensemble.columns)
        assert same(terror_model.ensemble, again(path, terror_model), moved)


def test_reasons_have_the_same_bits(path: Path, terror_model: Model, terror_rows: pl.DataFrame) -> None:
    rows = terror_rows.filter(pl.col("origin") == 2005)
    plain = replace(terror_model, ensemble=again(path, terror_model))  # type: ignore[arg-type]
    for fitted, read in zip(compute_contributions(terror_model, rows), compute_contributions(plain, rows), strict=True):
        assert fitted.tobytes() == read.tobytes()


def test_an_outcome_without_graded_trees_has_its_form(terror_model: Model, terror_rows: pl.DataFrame) -> None:
    fitted = replace(terror_model.ensemble, graded=None)
    plain = build_compact_ensemble(fitted)
    assert plain is not None and plain.member_names == fitted.member_names
    assert same(fitted, plain, terror_rows.filter(pl.col("origin") == 2005))


def test_trees_too_large_for_the_table_of_ways_have_none(
    terror_rows: pl.DataFrame, terror_model: Model, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in {"max_iter": 3, "max_leaf_nodes": 31, "max_depth": None}.items():
        monkeypatch.setitem(PARAMETERS, name, value)
    past = terror_rows.filter(pl.col("origin").is_between(1990, 2000), pl.col("observed").is_not_null())
    assert build_compact_ensemble(fit_ensemble(past, terror_model.ensemble.columns)) is None


def test_the_form_of_other_fitted_parts_is_not_used(path: Path, terror_model: Model) -> None:
    assert read_compact_model(path, terror_model.ensemble.columns, "b" * 64) is None
    assert read_compact_model(path.with_name("coup.plain"), terror_model.ensemble.columns, FITTED) is None


@pytest.mark.parametrize("at", [-100, 2, 64, 70, 129])
def test_an_altered_form_is_refused_in_one_line(path: Path, terror_model: Model, at: int) -> None:
    content = bytearray(path.read_bytes())
    content[at] ^= 1
    path.write_bytes(content)
    with pytest.raises(BadInput, match=r"state_terror\.plain: altered: .*delete it and it is written again"):
        read_compact_model(path, terror_model.ensemble.columns, FITTED)
    assert "altered" in str(find_compact_fault(path))


def test_checking_saved_models_names_an_altered_form(tmp_path: Path, terror_model: Model) -> None:
    save_model(terror_model, tmp_path, KEY)
    write_compact_models([terror_model], tmp_path)
    assert list(list_model_faults(tmp_path)) == []
    path = build_compact_path(tmp_path, "state_terror")
    path.write_bytes(path.read_bytes()[:-1])
    assert [line.split(": ")[1] for line in list_model_faults(tmp_path)] == ["altered"]


def test_the_same_model_gives_the_same_bytes(path: Path, terror_model: Model) -> None:
    first = path.read_bytes()
    write_compact_model(path, again(path, terror_model), FITTED)
    assert path.read_bytes() == first


def test_what_a_run_imports_leaves_out_the_learning_libraries() -> None:
    heavy = (
        "sklearn",
        "skops",
        "shap",
        "mlflow",
        "pandas",
        "matplotlib",
        "joblib",
        "requests",
        "docx",
        "typst",
        "dask",
    )
    imports = "import sys, risk.cli.output.score, risk.workflows.score"
    requested = f"{imports}; print([name for name in {heavy!r} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", requested], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
