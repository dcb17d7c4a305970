"""Versions, aliases and the installed champion, on a real MLflow store and small models with invented forecasts."""

import json
import os
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import polars as pl
import pytest

import models.registry.champion
import models.registry.store
from features.bad_input import BadInput
from features.snapshot.snapshot import CURRENT_SNAPSHOT
from models.registry import tracking
from models.registry.champion import load_champions, load_scoring_models
from models.registry.fingerprint import Fingerprint
from models.registry.mlflow_server import TRACKING_VARIABLE, choose_tracking_uri
from models.registry.promotion import promote_challengers
from models.registry.store import save_model
from models.registry.tracking import MlflowRun, ModelVersion
from models.training.train import Model
from tests.models.registry.invented_forecasts import build_invented_forecasts
from tests.risk.command_line import ROOT_FOLDER

FIRST, SECOND = Fingerprint("this panel", "the first recipe"), Fingerprint("this panel", "another recipe")


class Registry(NamedTuple):
    """An output folder with two registered versions, and the aliases after each training."""

    out: Path
    versions: list[ModelVersion]
    champions: list[int]
    challengers: list[int]


@pytest.fixture(scope="module")
def first_model(terror_model: Model) -> Model:
    return replace(terror_model, outcome="misuse")


@pytest.fixture(scope="module")
def second_model(first_model: Model) -> Model:
    calibration = replace(first_model.calibration, member_mask=(True, True, True))
    return replace(first_model, ensemble=replace(first_model.ensemble, graded=None), calibration=calibration)


@pytest.fixture(scope="module")
def registry(tmp_path_factory: pytest.TempPathFactory, first_model: Model, second_model: Model) -> Registry:
    result = Registry(tmp_path_factory.mktemp("registry"), [], [], [])
    for key, model in ((FIRST, first_model), (SECOND, second_model)):
        temporary = tmp_path_factory.mktemp("trained")
        save_model(model, temporary, key)
        (temporary / "note.md").write_text("A file given by the caller")
        record = MlflowRun(
            "invented", {"max_iter": 20}, {"misuse/all/auc": 0.9, "none": float("nan")}, {"data/raw": "0" * 64}, {},
            [temporary / "note.md"],
        )  # fmt: skip
        result.versions.append(tracking.record_training(result.out, record, temporary)["misuse"])
        result.champions.append(tracking.find_versions(result.out, "champion")["misuse"].number)
        result.challengers.append(tracking.find_versions(result.out, "challenger")["misuse"].number)
    return result


@pytest.fixture(autouse=True)
def _first_is_champion(registry: Registry) -> None:
    tracking.make_champions(registry.out, {"misuse": registry.versions[0]})


def give(registry: Registry, alias: str, number: int) -> None:
    """Move an alias as an analyst would, with MLflow's own client."""
    from mlflow import MlflowClient

    uri = choose_tracking_uri(registry.out)
    MlflowClient(uri, uri).set_registered_model_alias("misuse", alias, str(number))


def installed(out: Path) -> str:
    return str(json.loads((out / "models" / "misuse.json").read_text())["sha256"])


def artifacts(registry: Registry, number: int) -> Path:
    return registry.out / "mlflow" / registry.versions[number - 1].run / "artifacts"


def test_the_first_version_gets_both_aliases_and_the_second_is_challenger_only(registry: Registry) -> None:
    assert (registry.champions, registry.challengers) == ([1, 1], [1, 2])


def test_a_version_holds_the_two_files_of_its_model_and_its_run_the_rest(registry: Registry) -> None:
    folder = artifacts(registry, 1)
    assert sorted(path.suffix for path in (folder / "misuse").iterdir()) == [".json", ".skops"]
    assert (folder / "note.md").is_file()


def test_a_run_keeps_parameters_figures_and_the_checksums_of_what_it_read(registry: Registry) -> None:
    from mlflow import MlflowClient

    run = MlflowClient(choose_tracking_uri(registry.out)).get_run(registry.versions[0].run)
    assert (run.info.status, run.data.params, run.data.metrics) == (
        "FINISHED", {"max_iter": "20"}, {"misuse/all/auc": 0.9}
    )  # fmt: skip
    dataset = run.inputs.dataset_inputs[0].dataset
    assert (dataset.name, dataset.digest, json.loads(dataset.source)["sha256"]) == ("data/raw", "0" * 36, "0" * 64)


def test_an_alias_moved_by_hand_takes_effect_in_the_installed_copy(registry: Registry) -> None:
    first, second = registry.versions
    load_champions(registry.out, FIRST.panel)
    assert installed(registry.out) == first.sha256
    give(registry, "champion", 2)
    assert load_champions(registry.out, FIRST.panel)["misuse"] == second
    assert installed(registry.out) == second.sha256
    assert len(list((registry.out / "models").glob("misuse-*.skops"))) == 1


def test_while_the_store_is_unchanged_mlflow_is_not_even_imported(registry: Registry) -> None:
    load_champions(registry.out, FIRST.panel)
    requested = f"import sys; from pathlib import Path; from models.registry.champion import load_champions; \
print(load_champions(Path({str(registry.out)!r}), {FIRST.panel!r})['misuse'].number, 'mlflow' in sys.modules)"
    ended = subprocess.run(
        [sys.executable, "-c", requested],
        env=os.environ | {"PYTHONPATH": str(ROOT_FOLDER)},
        capture_output=True,
        text=True,
    )
    assert ended.stdout.split() == ["1", "False"], ended.stderr


def test_a_folder_without_a_registry_has_no_champion_and_asks_nobody(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tracking, "find_versions", None)
    assert load_champions(tmp_path, FIRST.panel) == {}
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("file", ["*.skops", "*.json"])
def test_a_tampered_artifact_is_refused_in_one_line_and_the_installed_copy_stays(registry: Registry, file: str) -> None:
    load_champions(registry.out, FIRST.panel)
    before = installed(registry.out)
    tampered = next((artifacts(registry, 2) / "misuse").glob(file))
    content = tampered.read_bytes()
    tampered.write_bytes(content[:-1] + b"?")
    give(registry, "champion", 2)
    try:
        with pytest.raises(BadInput, match=r"misuse version 2, .*: checksum .* the registry has") as refused:
            load_champions(registry.out, FIRST.panel)
    finally:
        tampered.write_bytes(content)
    assert "\n" not in str(refused.value) and installed(registry.out) == before


def test_a_champion_of_other_data_is_not_installed(registry: Registry, tmp_path: Path) -> None:
    out = Path(shutil.copytree(registry.out, tmp_path / "out", ignore=shutil.ignore_patterns("models", "mlflow")))
    assert load_champions(out, "today's panel")["misuse"].panel == FIRST.panel
    assert not (out / "models" / "misuse.json").exists()


def test_a_store_that_the_variable_names_is_asked_each_time(
    registry: Registry, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(TRACKING_VARIABLE, choose_tracking_uri(registry.out))
    for number in (1, 2):
        give(registry, "champion", number)
        load_champions(tmp_path, FIRST.panel)
        assert installed(tmp_path) == registry.versions[number - 1].sha256
    assert not (tmp_path / "mlflow.db").exists()


def test_a_server_that_does_not_answer_is_told_in_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(TRACKING_VARIABLE, "http://127.0.0.1:9")
    with pytest.raises(BadInput, match=r"MLflow at http://127\.0\.0\.1:9: ") as refused:
        load_champions(tmp_path, FIRST.panel)
    assert "\n" not in str(refused.value)


def test_a_store_that_is_no_database_is_told_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "mlflow.db").write_bytes(b"no database, but long enough to be taken for one" * 100)
    with pytest.raises(BadInput, match=r"MLflow at sqlite:.*mlflow\.db: .*file is not a database") as refused:
        load_champions(tmp_path, FIRST.panel)
    assert "\n" not in str(refused.value)


@pytest.fixture
def scored(
    registry: Registry, panel: pl.DataFrame, second_model: Model, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> "Scored":
    """Load the scoring models of misuse, where training returns the second model at once."""
    monkeypatch.setattr(models.registry.store, "OUTCOMES", ("misuse",))
    monkeypatch.setattr(models.registry.store, "_train_models", lambda outcomes, panel, origin: [second_model])
    out = Path(shutil.copytree(registry.out, tmp_path / "out", ignore=shutil.ignore_patterns("models", "mlflow")))
    return Scored(out, panel)


class Scored(NamedTuple):
    out: Path
    panel: pl.DataFrame

    def trained_and_said(self, key: Fingerprint) -> tuple[list[str], str]:
        scorers = load_scoring_models(self.panel, self.out, key, "snapshot", 2005, snapshot=CURRENT_SNAPSHOT)
        return scorers.trained, " ".join(scorers.remarks)


def test_another_recipe_keeps_the_champion_and_says_so(scored: Scored, registry: Registry) -> None:
    assert scored.trained_and_said(FIRST) == ([], "")
    trained, message = scored.trained_and_said(SECOND)
    assert (trained, installed(scored.out)) == ([], registry.versions[0].sha256)
    assert "(version 1) still scores, although this checkout's recipe differs" in message


def test_another_panel_retrains_once_and_the_champion_returns_with_its_data(scored: Scored, registry: Registry) -> None:
    new_data = FIRST._replace(panel="new data")
    trained, message = scored.trained_and_said(new_data)
    assert (
        trained == ["misuse"]
        and message == "the champion (version 1) was trained on other data or libraries; new models were trained"
    )
    assert scored.trained_and_said(new_data) == ([], message)
    assert scored.trained_and_said(FIRST) == ([], "")
    assert installed(scored.out) == registry.versions[0].sha256


def test_what_was_installed_without_a_registry_is_retrained_for_another_recipe(
    scored: Scored, first_model: Model
) -> None:
    (scored.out / "mlflow.db").unlink()
    save_model(first_model, scored.out / "models", FIRST)
    assert scored.trained_and_said(FIRST) == ([], "")
    assert scored.trained_and_said(SECOND) == (["misuse"], "")


def test_a_challenger_is_promoted_by_the_forecasts_kept_with_both_and_only_if_better(
    registry: Registry, tmp_path: Path
) -> None:
    first, second = registry.versions
    assert (
        promote_challengers(registry.out).line
        == "not promoted: no back-test forecasts of misuse are kept with the challenger"
    )
    keep(registry, second, build_invented_forecasts(0.1), tmp_path)
    assert (
        promote_challengers(registry.out).line
        == "not promoted: no back-test forecasts of misuse are kept with the champion"
    )
    keep(registry, first, build_invented_forecasts(0.1), tmp_path)
    assert not promote_challengers(registry.out).promoted
    assert tracking.find_versions(registry.out, "champion")["misuse"] == first
    keep(registry, first, build_invented_forecasts(0.3), tmp_path)
    assert promote_challengers(registry.out).promoted
    assert tracking.find_versions(registry.out, "champion")["misuse"] == second
    assert "the challenger is the champion" in promote_challengers(registry.out).line


def keep(registry: Registry, version: ModelVersion, forecasts: pl.DataFrame, folder: Path) -> None:
    forecasts.write_parquet(folder / "misuse.parquet")
    tracking.keep_forecasts(registry.out, version, folder / "misuse.parquet", {"brier": 0.1})
