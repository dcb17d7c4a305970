"""Models on disk: saved with a checksum, reused while their fingerprint is current, read through skops."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from hashlib import sha256
from io import BytesIO
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile

import polars as pl

from features.bad_input import BadInput, find_first_line, quote_value
from features.files.atomic_write import replace_file
from features.files.checksummed_json import CHECKSUM_KEY, dump_with_checksum, load_with_checksum
from features.files.untrusted import parse_json
from features.snapshot.snapshot import Snapshot
from features.vocabulary import OUTCOMES, Profile
from models.inference.compact_model import AnyModel, CompactModel, build_compact_ensemble
from models.registry.compact_file import build_compact_path, read_compact_model, write_compact_model
from models.registry.fingerprint import Fingerprint
from models.training.calibration import dump_calibration, parse_calibration
from models.training.outcomes import Outcome, build_outcome, label_panel

# scikit-learn and skops take seconds to import; a run with saved models needs neither.
if TYPE_CHECKING:
    from models.training.estimator import Ensemble
    from models.training.train import Model

TRUSTED_TYPES = ["sklearn.ensemble._hist_gradient_boosting.predictor.TreePredictor", "numpy.dtype"]
FITTED_PARTS = ("scale", "booster", "on_scores", "on_ranks")
# Two hundred times the size of a current model.
MOST_UNPACKED = 400_000_000
SHA256_PATTERN = re.compile("[0-9a-f]{64}")


def load_or_train(
    panel: pl.DataFrame,
    folder: Path,
    key: Fingerprint,
    profile: Profile,
    origin: int,
    snapshot: Snapshot,
    anew: bool = False,
    champions: Mapping[str, str] | None = None,
) -> tuple[list["Model"], list[str]]:
    """A model for every outcome, and which were trained now: those without a saved one that `load` would give, or all.

    `champions` holds the SHA-256 of a champion's file by outcome.
    """
    known = champions or {}
    saved = {outcome: None if anew else load_model(outcome, folder, key, known.get(outcome)) for outcome in OUTCOMES}
    missing = [outcome for outcome in OUTCOMES if saved[outcome] is None]
    if missing:
        for model in _train_models([build_outcome(outcome, profile, snapshot) for outcome in missing], panel, origin):
            save_model(model, folder, key)
            saved[model.outcome] = model
    return [model for model in saved.values() if model is not None], missing


def _train_models(outcomes: Sequence[Outcome], panel: pl.DataFrame, origin: int) -> Iterator["Model"]:
    """A model per outcome; all fits run in parallel."""
    from joblib import delayed

    from models.parallel.pool import run_in_parallel
    from models.training.train import assemble_model, plan_fits, run_fit

    plans = [plan_fits(label_panel(panel, outcome), outcome, origin) for outcome in outcomes]
    results = run_in_parallel([delayed(run_fit)(task) for tasks in plans for task in tasks], 2)
    for outcome, tasks in zip(outcomes, plans, strict=True):
        yield assemble_model(outcome, origin, tasks, list(islice(results, len(tasks))))


def save_model(model: "Model", folder: Path, key: Fingerprint) -> None:
    """Write the fitted parts under their checksum, then <outcome>.json, which names them.

    An interruption between the two leaves the older pair intact.
    """
    import skops.io

    folder.mkdir(parents=True, exist_ok=True)
    ensemble = model.ensemble
    content = skops.io.dumps(_collect_fitted_parts(ensemble))
    checksum = sha256(content).hexdigest()
    facts: dict[str, Any] = {name: value for name, value in vars(model).items() if name != "ensemble"}
    facts |= {"calibration": dump_calibration(model.calibration), "columns": ensemble.columns}
    facts |= {"panel": key.panel, "recipe": key.recipe, "sha256": checksum}
    replace_file(folder / build_model_filename(model.outcome, checksum), content)
    replace_file(folder / f"{model.outcome}.json", dump_with_checksum(facts))
    remove_old_parts(folder, model.outcome, checksum)


def remove_old_parts(folder: Path, outcome: str, checksum: str) -> None:
    """Remove fitted parts other than those with this SHA-256, and unfinished files of a killed command."""
    for old in folder.glob(f"{outcome}-*"):
        if old.name != build_model_filename(outcome, checksum):
            old.unlink()


def load_model(outcome: str, folder: Path, key: Fingerprint, champion: str | None = None) -> "Model | None":
    """The saved model of an outcome with this fingerprint, or None; raises BadInput for an altered file.

    The champion's file, identified by its SHA-256, needs only the same panel: its recipe stays in use.
    """
    saved = _read_saved_model(outcome, folder, key, champion)
    if saved is None:
        return None
    from models.training.estimator import Ensemble
    from models.training.graded import SeverityModel
    from models.training.train import Model

    try:
        parts = _load_fitted_parts(saved.content)
        graded = SeverityModel(*parts["graded"]) if parts["graded"] else None
        fitted = {name: parts[name] for name in FITTED_PARTS}
        ensemble = Ensemble(graded=graded, columns=saved.facts.pop("columns"), **fitted)
        return Model(ensemble=ensemble, **_restore_calibration(saved.facts))
    except (TypeError, KeyError, ValueError, AttributeError) as error:
        raise _build_refusal(saved.path, error) from None


def load_compact_models(
    folder: Path, key: Fingerprint, champions: Mapping[str, str] | None = None
) -> "list[AnyModel] | None":
    """Every outcome's model as plain arrays, or None unless each is saved with this fingerprint and as a compact model.

    Files are checked as in `load_model`.
    """
    champion_checksums = champions or {}
    models: list[AnyModel] = []
    for outcome in OUTCOMES:
        saved = _read_saved_model(outcome, folder, key, champion_checksums.get(outcome))
        if saved is None:
            return None
        try:
            columns = saved.facts.pop("columns")
            if (ensemble := read_compact_model(build_compact_path(folder, outcome), columns, saved.checksum)) is None:
                return None
            models.append(CompactModel(ensemble=ensemble, **_restore_calibration(saved.facts)))
        except (TypeError, KeyError, ValueError, AttributeError) as error:
            raise _build_refusal(saved.path, error) from None
    return models


def write_compact_models(models: "Sequence[Model]", folder: Path) -> None:
    """Write the compact form of the models saved in a folder; a model without one loses any older file."""
    for model in models:
        path = build_compact_path(folder, model.outcome)
        fitted = str(_read_model_facts(folder / f"{model.outcome}.json")["sha256"])
        if ensemble := build_compact_ensemble(model.ensemble):
            write_compact_model(path, ensemble, fitted)
        else:
            path.unlink(missing_ok=True)


class _SavedModel(NamedTuple):
    """A model's record, and its fitted parts as bytes with their path and checksum."""

    facts: dict[str, Any]
    path: Path
    content: bytes
    checksum: str


def _read_saved_model(outcome: str, folder: Path, key: Fingerprint, champion: str | None) -> _SavedModel | None:
    """The files of an outcome's model, checksum verified; None if none has this fingerprint."""
    try:
        facts = _read_model_facts(folder / f"{outcome}.json")
        panel, recipe, listed = (facts.pop(name) for name in ("panel", "recipe", "sha256"))
        if panel != key.panel or (recipe != key.recipe and listed != champion):
            return None
        path = folder / build_model_filename(outcome, listed)
        content = path.read_bytes()
    except (FileNotFoundError, UnicodeDecodeError, json.JSONDecodeError, KeyError):
        return None
    except BadInput:
        raise
    except (ValueError, TypeError, AttributeError):
        raise BadInput(f"{folder / f'{outcome}.json'}: not a model record; delete it to train again") from None
    if (actual := sha256(content).hexdigest()) != listed:
        raise BadInput(f"{path}: checksum {actual[:12]}…, its record has {listed[:12]}…; delete it to train again")
    return _SavedModel(facts, path, content, listed)


def _restore_calibration(facts: dict[str, Any]) -> dict[str, Any]:
    return facts | {"calibration": parse_calibration(facts["calibration"])}


def _build_refusal(path: Path, error: Exception) -> BadInput:
    return BadInput(f"{path}: not a model saved by this version ({find_first_line(error)}); delete it to train again")


def _load_fitted_parts(content: bytes) -> Any:
    """The parts in a skops file; raises ValueError or TypeError for other content or an oversized archive."""
    try:
        with ZipFile(BytesIO(content)) as archive:
            if sum(info.file_size for info in archive.infolist()) > MOST_UNPACKED:
                raise ValueError(f"unpacks to more than {MOST_UNPACKED:,} bytes")
            if any(info.compress_type not in (ZIP_STORED, ZIP_DEFLATED) for info in archive.infolist()):
                raise ValueError("compressed by a method that skops does not use")
        import skops.io

        return skops.io.loads(content, trusted=TRUSTED_TYPES)
    except (ValueError, TypeError):
        raise
    # Damaged parts make skops, zipfile and NumPy raise errors of any type.
    except Exception as error:
        raise ValueError(f"{type(error).__name__}: {error}") from None


def _read_model_facts(path: Path) -> dict[str, Any]:
    """The content of a record; records of earlier versions have no checksum of their own."""
    content = path.read_bytes()
    facts: dict[str, Any] = parse_json(content)
    return load_with_checksum(content, path) if CHECKSUM_KEY in facts else facts


def _collect_fitted_parts(ensemble: "Ensemble") -> dict[str, Any]:
    """The fitted parts, all scikit-learn objects."""
    graded = ensemble.graded
    fitted = {name: getattr(ensemble, name) for name in FITTED_PARTS}
    return fitted | {"graded": [graded.regressor, graded.logit] if graded else None}


def build_model_filename(outcome: str, checksum: str) -> str:
    """The file name of the fitted parts with this SHA-256; raises BadInput for anything else, such as a path."""
    if not isinstance(checksum, str) or not SHA256_PATTERN.fullmatch(checksum):
        raise BadInput(
            f"{outcome}: {quote_value(checksum)} is not a SHA-256 of a model; delete its record to train again"
        )
    return f"{outcome}-{checksum[:16]}.skops"
