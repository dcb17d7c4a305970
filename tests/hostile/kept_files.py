"""Readers of files that this engine wrote itself and somebody may have altered: ledger, exports, records, models."""

import json
from collections.abc import Callable
from functools import cache
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory

import skops.io

from features.files.checksummed_json import sealed
from models.registry.champion import current
from models.registry.fingerprint import Fingerprint
from models.registry.integrity import faults
from models.registry.store import load, model_file
from risk.ledger.export_import import export, exported, take_in
from risk.ledger.files import Place
from risk.ledger.issues import issue_in
from risk.ledger.reader import examine
from risk.ledger.state import standing_on, today
from risk.outputs.last_run import last_run_record, last_table, run_day
from risk.publishing.supplement import read_advice
from tests.risk.ledger.invented_ledger import invented

Reader = Callable[[bytes, Path], object]
KEY = Fingerprint("invented", "invented")
RUN = {"decided_as_of": "2026-11-24", "snapshot": "invented", "base_rates": {"misuse": 0.1}}


@cache
def _ledger() -> dict[str, bytes]:
    """The files of a small invented ledger, and its export."""
    with TemporaryDirectory() as folder:
        place = invented(Path(folder), 3)
        export(place, Path(folder) / "export.jsonl")
        paths = (place.database, place.head, Path(folder) / "export.jsonl")
        return {path.name: path.read_bytes() for path in paths}


def _export(content: bytes, folder: Path) -> object:
    (folder / "export.jsonl").write_bytes(content)
    lines = exported(folder / "export.jsonl")
    take_in(Place(folder / "taken" / "ledger.db"), folder / "export.jsonl")
    return standing_on(lines, today())


def _ledger_file(name: str) -> Reader:
    def read(content: bytes, folder: Path) -> object:
        for known in ("ledger.db", "ledger.db.head"):
            (folder / known).write_bytes(content if known == name else _ledger()[known])
        found = examine(Place(folder / "ledger.db"))
        assert all("\n" not in told for told in (*found.faults, *found.remarks)), found.faults
        return found

    return read


def _run(content: bytes, folder: Path) -> object:
    (folder / "run.json").write_bytes(content)
    return run_day(folder), last_run_record(folder)


def _issue(content: bytes, folder: Path) -> object:
    """A table of outputs that is none, beside a sound record."""
    (folder / "run.json").write_text(json.dumps(RUN), encoding="utf-8")
    for name in ("scores", "partners", "decisions"):
        (folder / f"{name}.parquet").write_bytes(content)
    return last_table(folder, "scores"), issue_in(folder)


def _advice(content: bytes, folder: Path) -> object:
    (folder / "advice.json").write_bytes(content)
    return read_advice(folder / "advice.json")


def _champion(content: bytes, folder: Path) -> object:
    (folder / "models").mkdir()
    (folder / "models" / "champion.json").write_bytes(content)
    return current(folder, "invented")


def _record(content: bytes, folder: Path) -> object:
    (folder / "misuse.json").write_bytes(content)
    return list(faults(folder)), load("misuse", folder, KEY)


def _fitted(content: bytes, folder: Path) -> object:
    """Fitted parts that a forger has vouched for: the record names their checksum."""
    checksum = sha256(content).hexdigest()
    (folder / model_file("misuse", checksum)).write_bytes(content)
    facts = {"panel": "invented", "recipe": "invented", "sha256": checksum, "columns": [], "calibration": {}}
    (folder / "misuse.json").write_bytes(sealed(facts))
    return load("misuse", folder, KEY)


SEALED = sealed({"panel": "invented", "recipe": "invented", "sha256": "0" * 64, "columns": [], "calibration": {}})
READERS: dict[str, tuple[Reader, bytes]] = {
    "ledger_export": (_export, _ledger()["export.jsonl"]),
    "ledger_database": (_ledger_file("ledger.db"), _ledger()["ledger.db"]),
    "ledger_head": (_ledger_file("ledger.db.head"), _ledger()["ledger.db.head"]),
    "run_record": (_run, json.dumps(RUN).encode()),
    "output_table": (_issue, b"PAR1 invented PAR1"),
    "advice": (_advice, b'{"details": {}, "cautions": {}, "benchmarks": {}}'),
    "champion": (_champion, sealed({"stamp": "invented", "champions": {}})),
    "model_record": (_record, SEALED),
    "fitted_parts": (_fitted, skops.io.dumps({"graded": None, "scale": [1.0], "booster": "invented"})),
}
