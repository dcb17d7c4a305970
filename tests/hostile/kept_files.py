"""Readers of files that this engine wrote itself and somebody may have altered: ledger, exports, records, models."""

import json
from collections.abc import Callable
from functools import cache
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory

import skops.io

from features.files.checksummed_json import dump_with_checksum
from models.registry.champion import load_champions
from models.registry.fingerprint import Fingerprint
from models.registry.integrity import list_model_faults
from models.registry.store import build_model_filename, load_model
from risk.ledger.export_import import export_lines, import_exported_lines, read_export
from risk.ledger.issues import read_release
from risk.ledger.ledger_files import LedgerFiles
from risk.ledger.reader import examine_ledger
from risk.ledger.state import compute_ledger_state, get_utc_day
from risk.outputs.last_run import LastRun, read_last_table
from risk.publishing.supplement import read_supplement
from tests.risk.ledger.invented_ledger import write_invented_ledger

Reader = Callable[[bytes, Path], object]
MODEL_KEY = Fingerprint("invented", "invented")
RUN_MANIFEST = {"decided_as_of": "2026-11-24", "snapshot": "invented", "base_rates": {"misuse": 0.1}}


@cache
def _build_ledger() -> dict[str, bytes]:
    """The files of a small invented ledger, and its export."""
    with TemporaryDirectory() as folder:
        place = write_invented_ledger(Path(folder), 3)
        export_lines(place, Path(folder) / "export.jsonl")
        paths = (place.database, place.head, Path(folder) / "export.jsonl")
        return {path.name: path.read_bytes() for path in paths}


def _import_export(content: bytes, folder: Path) -> object:
    (folder / "export.jsonl").write_bytes(content)
    lines = read_export(folder / "export.jsonl")
    import_exported_lines(LedgerFiles(folder / "taken" / "ledger.db"), folder / "export.jsonl")
    return compute_ledger_state(lines, get_utc_day())


def _build_ledger_reader(name: str) -> Reader:
    def examine_file(content: bytes, folder: Path) -> object:
        for known in ("ledger.db", "ledger.db.head"):
            (folder / known).write_bytes(content if known == name else _build_ledger()[known])
        result = examine_ledger(LedgerFiles(folder / "ledger.db"))
        assert all("\n" not in text for text in (*result.faults, *result.remarks)), result.faults
        return result

    return examine_file


def _read_run_outputs(content: bytes, folder: Path) -> object:
    (folder / "run.json").write_bytes(content)
    return LastRun(folder).day, LastRun(folder).manifest


def _read_score_release(content: bytes, folder: Path) -> object:
    """An invalid output table with a valid run record."""
    (folder / "run.json").write_text(json.dumps(RUN_MANIFEST), encoding="utf-8")
    for name in ("scores", "partners", "decisions"):
        (folder / f"{name}.parquet").write_bytes(content)
    return read_last_table(folder, "scores"), read_release(folder)


def _read_supplement_file(content: bytes, folder: Path) -> object:
    (folder / "advice.json").write_bytes(content)
    return read_supplement(folder / "advice.json")


def _read_champion_file(content: bytes, folder: Path) -> object:
    (folder / "models").mkdir()
    (folder / "models" / "champion.json").write_bytes(content)
    return load_champions(folder, "invented")


def _load_model_record(content: bytes, folder: Path) -> object:
    (folder / "misuse.json").write_bytes(content)
    return list(list_model_faults(folder)), load_model("misuse", folder, MODEL_KEY)


def _load_fitted_parts(content: bytes, folder: Path) -> object:
    """Forged fitted parts whose checksum the record confirms."""
    checksum = sha256(content).hexdigest()
    (folder / build_model_filename("misuse", checksum)).write_bytes(content)
    facts = {"panel": "invented", "recipe": "invented", "sha256": checksum, "columns": [], "calibration": {}}
    (folder / "misuse.json").write_bytes(dump_with_checksum(facts))
    return load_model("misuse", folder, MODEL_KEY)


MODEL_RECORD = dump_with_checksum(
    {"panel": "invented", "recipe": "invented", "sha256": "0" * 64, "columns": [], "calibration": {}}
)
READERS: dict[str, tuple[Reader, bytes]] = {
    "ledger_export": (_import_export, _build_ledger()["export.jsonl"]),
    "ledger_database": (_build_ledger_reader("ledger.db"), _build_ledger()["ledger.db"]),
    "ledger_head": (_build_ledger_reader("ledger.db.head"), _build_ledger()["ledger.db.head"]),
    "run_record": (_read_run_outputs, json.dumps(RUN_MANIFEST).encode()),
    "output_table": (_read_score_release, b"PAR1 invented PAR1"),
    "advice": (_read_supplement_file, b'{"details": {}, "cautions": {}, "benchmarks": {}}'),
    "champion": (_read_champion_file, dump_with_checksum({"stamp": "invented", "champions": {}})),
    "model_record": (_load_model_record, MODEL_RECORD),
    "fitted_parts": (_load_fitted_parts, skops.io.dumps({"graded": None, "scale": [1.0], "booster": "invented"})),
}
