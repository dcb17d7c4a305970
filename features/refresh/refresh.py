"""A complete refresh: gather, compile, compare, install what is within limits and hold the rest."""

import json
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Literal

from features.bad_input import BadInput
from features.files.untrusted import parse_json
from features.refresh.compare import TableDifference, compare_tables, list_exceeded_limits
from features.refresh.exchange import recover_exchange, swap_in_sources
from features.refresh.fetch import FetchLimits
from features.refresh.folders import SnapshotFolders, lock_refresh
from features.refresh.gather import (
    GatheredFiles,
    count_address_ranks,
    gather_by_fetching,
    gather_from_folder,
    keep_downloads,
    list_gather_methods,
)
from features.refresh.unpack import LARGEST_UNPACKED
from features.snapshot.cards import SourceCard, read_card, read_source_table
from features.snapshot.compile import SOURCES, compile_source, list_row_warnings, verify_snapshot

SourceState = Literal["new", "unchanged", "not given", "needs a person", "failed", "refused", "held"]
ALL_SOURCES = "all"


@dataclass
class SourceResult:
    """The result for one source: its state, the reason, differences by table, and notes."""

    source: str
    state: SourceState
    why: str = ""
    differences: list[TableDifference] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


@dataclass
class RefreshResult:
    """The result of a refresh, by source, and the batch number under which replaced sources are kept."""

    results: list[SourceResult]
    replaced_batch: str = ""

    @property
    def is_successful(self) -> bool:
        """Whether no source failed and none was refused."""
        return not any(result.state in ("failed", "refused") for result in self.results)


@dataclass(frozen=True)
class RefreshRequest:
    """A requested refresh: folder of supplied files, if any; sources; sources accepted beyond their limits."""

    source_folder: Path | None = None
    sources: Sequence[str] = ()
    accept: Sequence[str] = ()
    hold: bool = False
    release: str = ""


def refresh_sources(
    asked: RefreshRequest,
    today: date,
    raw: Path,
    limits: FetchLimits | None = None,
    largest: int = LARGEST_UNPACKED,
    say: Callable[[str], None] = lambda _: None,
) -> RefreshResult:
    """Bring the sources up to date; one that fails or moves too far leaves its tables as they are.

    Raises BadInput where the question itself is wrong, or another refresh is at work.
    """
    _check_request(asked)
    places = SnapshotFolders(raw)
    with lock_refresh(places):
        recover_exchange(places)
        verify_snapshot(raw)
        _begin_candidate(places)
        results = []
        for source in asked.sources or SOURCES:
            say(source)
            results.append(_refresh_source(source, asked, today, places, limits or FetchLimits(), largest))
        ready = [result.source for result in results if result.state == "new"]
        if asked.hold:
            for result in results:
                result.state = "held" if result.state in ("new", "refused") else result.state
            ready = []
        batch = swap_in_sources(ready, places.candidate, places) if ready else ""
        _end_candidate(results, places)
    return RefreshResult(results, batch)


def accept_held_issues(sources: Sequence[str], raw: Path) -> tuple[str, list[str]]:
    """Put held issues in place, all or those named: the number under which the replaced are kept, and the sources.

    Raises BadInput where nothing is held, or the snapshot has changed since the issue was compared with it.
    """
    places = SnapshotFolders(raw)
    with lock_refresh(places):
        recover_exchange(places)
        held = read_held_issues(raw)
        chosen = sorted(held) if not sources or ALL_SOURCES in sources else list(sources)
        for source in chosen:
            if source not in held:
                raise BadInput(
                    f"{places.candidate}: no release of {source!r} is held; held: {_format_held_names(held)}"
                )
            if _compute_card_checksum(source, raw) != held[source]:
                raise BadInput(f"{source} has changed since its new release was compared; run the refresh again")
        if not chosen:
            raise BadInput(f"{places.candidate}: nothing is held")
        batch = swap_in_sources(chosen, places.candidate, places)
        _write_held_issues({source: card for source, card in held.items() if source not in chosen}, places)
    return batch, chosen


def read_held_issues(raw: Path) -> dict[str, str]:
    """Sources held in the candidate, each with the checksum of the card it was compared with."""
    places = SnapshotFolders(raw)
    try:
        held: dict[str, str] | None = parse_json(places.held_file.read_bytes())
    except FileNotFoundError:
        return {}
    except ValueError:
        held = None
    if not isinstance(held, dict):
        raise BadInput(f"{places.held_file}: cannot be read; remove {places.candidate} and refresh again") from None
    return held


def _check_request(request: RefreshRequest) -> None:
    for source in [*request.sources, *request.accept]:
        if source not in SOURCES and source != ALL_SOURCES:
            raise BadInput(f"unknown source {source!r}, expected one of {', '.join(SOURCES)}")
    if request.source_folder is not None and not request.source_folder.is_dir():
        raise BadInput(f"{request.source_folder}: folder of published files not found")
    if request.release and len(request.sources) != 1:
        raise BadInput(f"--release needs exactly one --source, found {len(request.sources)}")


def _refresh_source(
    source: str, request: RefreshRequest, today: date, folders: SnapshotFolders, limits: FetchLimits, largest: int
) -> SourceResult:
    """Gather, compile and compare one source; its errors are reported in the result, not raised."""
    card = read_card(source, folders.raw)
    if request.source_folder is None and not count_address_ranks(card):
        why = next((download.person for download in card.downloads if download.person), "the card gives no address")
        return SourceResult(source, "needs a person", why)
    notes: list[str] = []
    for rank in range(1 if request.source_folder else count_address_ranks(card)):
        with TemporaryDirectory() as folder:
            try:
                gathered = _gather_files(card, request, rank, Path(folder), today, folders, limits, largest)
                if gathered is None:
                    return SourceResult(source, "not given", "none of its files is in the folder")
                compile_source(
                    source,
                    gathered.folder,
                    folders.raw,
                    folders.candidate,
                    _build_card_changes(card, gathered, request, today),
                )
                keep_downloads(gathered, card, folders.downloads)
            except BadInput as error:
                notes.append(str(error).replace(f"{folder}/", ""))
                continue
        return _judge_source(source, request, folders, notes + gathered.notes + _describe_mixed_methods(gathered))
    _reset_candidate_source(source, folders)
    state: SourceState = "needs a person" if all(" needs a person: " in note for note in notes) else "failed"
    return SourceResult(source, state, "; then ".join(dict.fromkeys(notes)))


def _gather_files(
    card: SourceCard,
    request: RefreshRequest,
    rank: int,
    folder: Path,
    today: date,
    folders: SnapshotFolders,
    limits: FetchLimits,
    largest: int,
) -> GatheredFiles | None:
    if request.source_folder is not None:
        return gather_from_folder(card, request.source_folder, folder)
    return gather_by_fetching(card, rank, folder, folders.downloads, today, limits, largest)


def _build_card_changes(
    card: SourceCard, gathered: GatheredFiles, request: RefreshRequest, today: date
) -> dict[str, object]:
    """The card's new day and release: as requested, as the addresses state, or the old one dated by the files."""
    stated = "; ".join(dict.fromkeys(filter(None, gathered.releases)))
    old = card.release.split("; files of ")[0]
    unnamed = f"{old}; files of {today}, their release not named"
    return {"accessed": today, "release": request.release or stated or unnamed}


def _describe_mixed_methods(gathered: GatheredFiles) -> list[str]:
    kinds = list_gather_methods(gathered)
    return [f"its tables may come from different releases: files were {', '.join(kinds)}"] if len(kinds) > 1 else []


def _judge_source(source: str, request: RefreshRequest, folders: SnapshotFolders, notes: list[str]) -> SourceResult:
    """Compare the compiled source with the one in use; identical tables count as unchanged, whatever their date."""
    new, old = read_card(source, folders.candidate), read_card(source, folders.raw)
    if all(new.tables[name].sha256 == old.tables[name].sha256 for name in old.tables):
        _reset_candidate_source(source, folders)
        return SourceResult(source, "unchanged", notes=notes)
    differences = [
        compare_tables(
            source,
            name,
            read_source_table(source, name, folders.raw),
            read_source_table(source, name, folders.candidate),
            table,
        )
        for name, table in old.tables.items()
    ]
    reasons = [why for change in differences for why in list_exceeded_limits(change, old.tables[change.table])]
    accepted = source in request.accept or ALL_SOURCES in request.accept
    notes += list_row_warnings(new, folders.candidate)
    if reasons and not accepted:
        return SourceResult(source, "refused", "; ".join(reasons), differences, notes)
    return SourceResult(source, "new", "", differences, notes + [f"accepted although {why}" for why in reasons])


def _begin_candidate(folders: SnapshotFolders) -> None:
    """Copy the snapshot in use, so that the candidate is complete whatever is refreshed."""
    shutil.rmtree(folders.candidate, ignore_errors=True)
    shutil.copytree(folders.raw, folders.candidate)


def _reset_candidate_source(source: str, folders: SnapshotFolders) -> None:
    shutil.rmtree(folders.candidate / source, ignore_errors=True)
    shutil.copytree(folders.raw / source, folders.candidate / source)


def _end_candidate(results: Sequence[SourceResult], folders: SnapshotFolders) -> None:
    """Keep the candidate only while a source in it waits to be accepted."""
    _write_held_issues(
        {
            result.source: _compute_card_checksum(result.source, folders.raw)
            for result in results
            if result.state in ("held", "refused")
        },
        folders,
    )


def _write_held_issues(held: dict[str, Any], folders: SnapshotFolders) -> None:
    if not held:
        shutil.rmtree(folders.candidate, ignore_errors=True)
        return
    temporary = folders.held_file.with_suffix(".new")
    temporary.write_text(json.dumps(held, indent=1, sort_keys=True) + "\n", encoding="utf-8")
    temporary.replace(folders.held_file)


def _compute_card_checksum(source: str, raw: Path) -> str:
    return sha256((raw / source / "card.yaml").read_bytes()).hexdigest()


def _format_held_names(held: dict[str, str]) -> str:
    return ", ".join(sorted(held)) or "nothing"
