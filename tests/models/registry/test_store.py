"""Saved models: the same forecasts after loading, and altered or stale files refused."""

import json
import shutil
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from resource import RLIMIT_FSIZE, getrlimit, setrlimit

import numpy as np
import polars as pl
import pytest
import skops.io
from sklearn.pipeline import FunctionTransformer

import models.registry.fingerprint
import models.registry.store
from features.bad_input import BadInput
from features.files.checksummed_json import dump_with_checksum, load_with_checksum
from features.snapshot.snapshot import CURRENT_SNAPSHOT
from models.registry.fingerprint import PANEL_CODE, RECIPE_CODE, ROOT, Fingerprint, code_checksum, compute_fingerprint
from models.registry.store import load_model, load_or_train, save_model
from models.training.train import Model

KEY = Fingerprint("of this snapshot and code", "of these parameters")
ANOTHER_PANEL, ANOTHER_RECIPE = KEY._replace(panel="another"), KEY._replace(recipe="another")


@pytest.fixture
def folder(tmp_path: Path, terror_model: Model) -> Path:
    save_model(terror_model, tmp_path, KEY)
    return tmp_path


def stored(folder: Path) -> Path:
    return next(folder.glob("state_terror-*.skops"))


def forecast(model: Model, rows: pl.DataFrame) -> pl.DataFrame:
    return model.calibration.forecast_probabilities(model.ensemble.compute_log_odds(rows), rows["status"])


def record(folder: Path, **changed: object) -> None:
    """Change the model's record."""
    path = folder / "state_terror.json"
    path.write_bytes(dump_with_checksum(load_with_checksum(path.read_bytes(), path) | changed))


def test_a_saved_model_gives_the_same_log_odds_and_calibration(
    folder: Path, terror_model: Model, terror_rows: pl.DataFrame
) -> None:
    rows = terror_rows.filter(origin=2005)
    again = load_model("state_terror", folder, KEY)
    assert again is not None
    assert np.array_equal(again.ensemble.compute_log_odds(rows), terror_model.ensemble.compute_log_odds(rows))
    for name in ("overall", "clear", "ongoing"):
        curve, saved = getattr(again.calibration, name), getattr(terror_model.calibration, name)
        assert np.array_equal(curve.point, saved.point) and np.array_equal(curve.sampled, saved.sampled)
    assert again.calibration.member_mask == terror_model.calibration.member_mask
    assert forecast(again, rows).equals(forecast(terror_model, rows))
    assert again.ensemble.member_names == terror_model.ensemble.member_names
    assert (again.name, again.trained_to, again.base_rate) == ("state_terror-2005", 2001, terror_model.base_rate)


def test_a_model_without_graded_trees_or_a_curve_of_a_fact_is_saved_as_such(
    tmp_path: Path, terror_model: Model, terror_rows: pl.DataFrame
) -> None:
    calibration = replace(terror_model.calibration, member_mask=(True, False, True), clear=None)
    model = replace(terror_model, ensemble=replace(terror_model.ensemble, graded=None), calibration=calibration)
    save_model(model, tmp_path, KEY)
    again, rows = load_model("state_terror", tmp_path, KEY), terror_rows.filter(origin=2005)
    assert again is not None and again.ensemble.graded is None and again.calibration.clear is None
    result = forecast(again, rows)
    assert result.equals(forecast(model, rows)) and result["onset_probability"].count() == 0


def test_one_flipped_byte_is_refused_in_one_line(folder: Path) -> None:
    content = bytearray(stored(folder).read_bytes())
    content[len(content) // 2] ^= 1
    stored(folder).write_bytes(content)
    with pytest.raises(BadInput, match=r"checksum .* its record has .*; delete it to train again") as refused:
        load_model("state_terror", folder, KEY)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize(
    "content", [b"no zip file", skops.io.dumps(FunctionTransformer(np.sin)), skops.io.dumps({"booster": []})]
)
def test_another_file_with_a_record_to_match_is_refused_in_one_line(folder: Path, content: bytes) -> None:
    checksum = sha256(content).hexdigest()
    (folder / f"state_terror-{checksum[:16]}.skops").write_bytes(content)
    record(folder, sha256=checksum)
    with pytest.raises(BadInput, match="delete it to train again") as refused:
        load_model("state_terror", folder, KEY)
    assert "\n" not in str(refused.value)


def test_a_model_of_another_fingerprint_or_without_its_file_is_not_used(folder: Path) -> None:
    assert load_model("state_terror", folder, ANOTHER_PANEL) is None
    assert load_model("state_terror", folder, ANOTHER_RECIPE) is None
    stored(folder).unlink()
    assert load_model("state_terror", folder, KEY) is None
    assert load_model("coup", folder, KEY) is None


def test_of_a_champion_the_recipe_may_be_another_but_not_the_panel(folder: Path) -> None:
    champion = json.loads((folder / "state_terror.json").read_text())["sha256"]
    assert load_model("state_terror", folder, ANOTHER_RECIPE, champion) is not None
    assert load_model("state_terror", folder, ANOTHER_PANEL, champion) is None
    assert load_model("state_terror", folder, ANOTHER_RECIPE, "another file") is None


def test_a_record_cut_off_is_not_used(folder: Path) -> None:
    path = folder / "state_terror.json"
    path.write_bytes(path.read_bytes()[:200])
    assert load_model("state_terror", folder, KEY) is None


def test_only_what_is_stale_or_missing_is_trained_again(
    folder: Path, terror_model: Model, panel: pl.DataFrame, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(models.registry.store, "OUTCOMES", ("state_terror",))
    monkeypatch.setattr(models.registry.store, "_train_models", lambda outcomes, panel, origin: [terror_model])
    assert load_or_train(panel, folder, KEY, "snapshot", 2005, snapshot=CURRENT_SNAPSHOT)[1] == []
    assert load_or_train(panel, folder, ANOTHER_PANEL, "snapshot", 2005, snapshot=CURRENT_SNAPSHOT)[1] == [
        "state_terror"
    ]
    assert load_or_train(panel, folder, ANOTHER_PANEL, "snapshot", 2005, snapshot=CURRENT_SNAPSHOT)[1] == []
    assert load_or_train(panel, folder, ANOTHER_PANEL, "snapshot", 2005, anew=True, snapshot=CURRENT_SNAPSHOT)[1] == [
        "state_terror"
    ]


def test_a_model_for_which_the_disk_has_no_room_is_refused_in_one_line_and_leaves_nothing(
    tmp_path: Path, terror_model: Model
) -> None:
    limits = getrlimit(RLIMIT_FSIZE)
    setrlimit(RLIMIT_FSIZE, (100_000, limits[1]))
    try:
        with pytest.raises(BadInput, match=r"skops: cannot be saved \(File too large\)"):
            save_model(terror_model, tmp_path, KEY)
    finally:
        setrlimit(RLIMIT_FSIZE, limits)
    assert list(tmp_path.iterdir()) == []


def test_the_fingerprint_tells_snapshots_and_profiles_apart() -> None:
    first = compute_fingerprint("a snapshot", "snapshot")
    assert compute_fingerprint("a snapshot", "snapshot") == first
    panels = {compute_fingerprint("another", "snapshot"), compute_fingerprint("a snapshot", "calendar"), first}
    assert len({result.panel for result in panels}) == 3 and {result.recipe for result in panels} == {first.recipe}


def test_a_word_changed_in_the_recipe_changes_its_checksum_and_one_outside_it_does_not(tmp_path: Path) -> None:
    for room in ("features", "models"):
        shutil.copytree(ROOT / room, tmp_path / room)
    panel, recipe = code_checksum(PANEL_CODE, tmp_path), code_checksum(RECIPE_CODE, tmp_path)
    assert (panel, recipe) == (code_checksum(PANEL_CODE, ROOT), code_checksum(RECIPE_CODE, ROOT))
    for outside in ("features/refresh/fetch.py", "features/sources/pts.py", "models/evaluation/metrics.py"):
        (tmp_path / outside).write_text('"""Changed."""')
    assert code_checksum(PANEL_CODE, tmp_path) == panel and code_checksum(RECIPE_CODE, tmp_path) == recipe
    parameters = tmp_path / "models" / "training" / "estimator.py"
    parameters.write_text(parameters.read_text().replace('"max_iter": 48', '"max_iter": 49'))
    assert code_checksum(RECIPE_CODE, tmp_path) != recipe and code_checksum(PANEL_CODE, tmp_path) == panel
    (tmp_path / "features" / "timing" / "as_known.py").write_text("")
    assert code_checksum(PANEL_CODE, tmp_path) != panel


def test_another_version_of_a_library_is_another_panel(monkeypatch: pytest.MonkeyPatch) -> None:
    first = compute_fingerprint("a snapshot", "snapshot")
    monkeypatch.setattr(models.registry.fingerprint, "version", lambda name: "0.1")
    assert compute_fingerprint("a snapshot", "snapshot").panel != first.panel


def test_saving_again_leaves_one_file_and_its_record_and_no_pickle(folder: Path, terror_model: Model) -> None:
    save_model(terror_model, folder, KEY)
    assert sorted(path.suffix for path in folder.iterdir()) == [".json", ".skops"]
    assert skops.io.get_untrusted_types(file=stored(folder)) == sorted(models.registry.store.TRUSTED_TYPES)
