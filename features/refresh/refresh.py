"""A refresh from end to end: gather, compile aside, compare, put in place what is within bounds, hold the rest."""

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
from features.snapshot.cards import RAW_FOLDER, SourceCard, read_card, read_source_table
from features.snapshot.compile import SOURCES, compile_source, list_row_warnings, verify_snapshot

SourceState = Literal["new", "unchanged", "not given", "needs a person", "failed", "refused", "held"]
ALL_SOURCES = "all"


@dataclass
class SourceResult:
    """What became of one source: its state, why, what differs by table, and remarks."""

    source: str
    state: SourceState
    why: str = ""
    differences: list[TableDifference] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


@dataclass
class RefreshResult:
    """A refresh's outcome: a line a source, and the number under which the replaced ones are kept."""

    results: list[SourceResult]
    replaced_batch: str = ""

    @property
    def is_successful(self) -> bool:
        """Whether no source failed and none was refused."""
        return not any(told.state in ("failed", "refused") for told in self.results)


@dataclass(frozen=True)
class RefreshRequest:
    """What a refresh is asked to do: folder of given files or none, sources, those accepted whatever they move."""

    source_folder: Path | None = None
    sources: Sequence[str] = ()
    accept: Sequence[str] = ()
    hold: bool = False
    release: str = ""


def refresh_sources(
    asked: RefreshRequest,
    today: date,
    raw: Path = RAW_FOLDER,
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
        told = []
        for source in asked.sources or SOURCES:
            say(source)
            told.append(_refresh_source(source, asked, today, places, limits or FetchLimits(), largest))
        ready = [one.source for one in told if one.state == "new"]
        if asked.hold:
            for one in told:
                one.state = "held" if one.state in ("new", "refused") else one.state
            ready = []
        kept = swap_in_sources(ready, places.candidate, places) if ready else ""
        _end_candidate(told, places)
    return RefreshResult(told, kept)


def accept_held_issues(sources: Sequence[str], raw: Path = RAW_FOLDER) -> tuple[str, list[str]]:
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
                raise BadInput(f"{places.candidate}: no issue of {source!r} is held; held: {_format_held_names(held)}")
            if _compute_card_checksum(source, raw) != held[source]:
                raise BadInput(f"{source} has changed since its new issue was compared; run the refresh again")
        if not chosen:
            raise BadInput(f"{places.candidate}: nothing is held")
        kept = swap_in_sources(chosen, places.candidate, places)
        _write_held_issues({source: mark for source, mark in held.items() if source not in chosen}, places)
    return kept, chosen


def read_held_issues(raw: Path = RAW_FOLDER) -> dict[str, str]:
    """Sources held in the candidate, each with the checksum of the card it was compared with."""
    places = SnapshotFolders(raw)
    try:
        held: dict[str, str] | None = parse_json(places.held_file.read_bytes())
    except FileNotFoundError:
        return {}
    except ValueError:
        held = None
    if not isinstance(held, dict):
        raise BadInput(f"{places.held_file}: not readable; remove {places.candidate} and refresh again") from None
    return held


def _check_request(asked: RefreshRequest) -> None:
    for source in [*asked.sources, *asked.accept]:
        if source not in SOURCES and source != ALL_SOURCES:
            raise BadInput(f"unknown source {source!r}, expected one of {', '.join(SOURCES)}")
    if asked.source_folder is not None and not asked.source_folder.is_dir():
        raise BadInput(f"{asked.source_folder}: no such folder of published files")
    if asked.release and len(asked.sources) != 1:
        raise BadInput("a release is named for one source: give --source as well")


def _refresh_source(
    source: str, asked: RefreshRequest, today: date, places: SnapshotFolders, limits: FetchLimits, largest: int
) -> SourceResult:
    """Gather, compile and compare one source; whatever is wrong with it is told, not raised."""
    card = read_card(source, places.raw)
    if asked.source_folder is None and not count_address_ranks(card):
        why = next((download.person for download in card.downloads if download.person), "the card gives no address")
        return SourceResult(source, "needs a person", why)
    notes: list[str] = []
    for rank in range(1 if asked.source_folder else count_address_ranks(card)):
        with TemporaryDirectory() as folder:
            try:
                gathered = _gather_files(card, asked, rank, Path(folder), today, places, limits, largest)
                if gathered is None:
                    return SourceResult(source, "not given", "none of its files is in the folder")
                compile_source(
                    source,
                    gathered.folder,
                    places.raw,
                    places.candidate,
                    _build_card_changes(card, gathered, asked, today),
                )
                keep_downloads(gathered, card, places.downloads)
            except BadInput as error:
                notes.append(str(error).replace(f"{folder}/", ""))
                continue
        return _judge_source(source, asked, places, notes + gathered.notes + _describe_mixed_methods(gathered))
    _reset_candidate_source(source, places)
    state: SourceState = "needs a person" if all(" needs a person: " in note for note in notes) else "failed"
    return SourceResult(source, state, "; then ".join(dict.fromkeys(notes)))


def _gather_files(
    card: SourceCard,
    asked: RefreshRequest,
    rank: int,
    folder: Path,
    today: date,
    places: SnapshotFolders,
    limits: FetchLimits,
    largest: int,
) -> GatheredFiles | None:
    if asked.source_folder is not None:
        return gather_from_folder(card, asked.source_folder, folder)
    return gather_by_fetching(card, rank, folder, places.downloads, today, limits, largest)


def _build_card_changes(
    card: SourceCard, gathered: GatheredFiles, asked: RefreshRequest, today: date
) -> dict[str, object]:
    """The card's new day and release: as asked, as the addresses say, or the old one with the day it was replaced."""
    said = "; ".join(dict.fromkeys(filter(None, gathered.releases)))
    old = card.release.split("; files of ")[0]
    return {"accessed": today, "release": asked.release or said or f"{old}; files of {today}, their release not named"}


def _describe_mixed_methods(gathered: GatheredFiles) -> list[str]:
    kinds = list_gather_methods(gathered)
    return [f"its tables may come from different releases: files were {', '.join(kinds)}"] if len(kinds) > 1 else []


def _judge_source(source: str, asked: RefreshRequest, places: SnapshotFolders, notes: list[str]) -> SourceResult:
    """Compare the compiled source with the one in use; the same tables are no new issue, whatever the day."""
    new, old = read_card(source, places.candidate), read_card(source, places.raw)
    if all(new.tables[name].sha256 == old.tables[name].sha256 for name in old.tables):
        _reset_candidate_source(source, places)
        return SourceResult(source, "unchanged", notes=notes)
    differences = [
        compare_tables(
            source,
            name,
            read_source_table(source, name, places.raw),
            read_source_table(source, name, places.candidate),
            table,
        )
        for name, table in old.tables.items()
    ]
    reasons = [why for one in differences for why in list_exceeded_limits(one, old.tables[one.table])]
    accepted = source in asked.accept or ALL_SOURCES in asked.accept
    notes += list_row_warnings(new, places.candidate)
    if reasons and not accepted:
        return SourceResult(source, "refused", "; ".join(reasons), differences, notes)
    return SourceResult(source, "new", "", differences, notes + [f"accepted although {why}" for why in reasons])


def _begin_candidate(places: SnapshotFolders) -> None:
    """A copy of the snapshot in use, so that the candidate is whole whatever is refreshed."""
    shutil.rmtree(places.candidate, ignore_errors=True)
    shutil.copytree(places.raw, places.candidate)


def _reset_candidate_source(source: str, places: SnapshotFolders) -> None:
    shutil.rmtree(places.candidate / source, ignore_errors=True)
    shutil.copytree(places.raw / source, places.candidate / source)


def _end_candidate(told: Sequence[SourceResult], places: SnapshotFolders) -> None:
    """Keep the candidate only while something in it waits for a person."""
    _write_held_issues(
        {
            one.source: _compute_card_checksum(one.source, places.raw)
            for one in told
            if one.state in ("held", "refused")
        },
        places,
    )


def _write_held_issues(held: dict[str, Any], places: SnapshotFolders) -> None:
    if not held:
        shutil.rmtree(places.candidate, ignore_errors=True)
        return
    aside = places.held_file.with_suffix(".new")
    aside.write_text(json.dumps(held, indent=1, sort_keys=True) + "\n", encoding="utf-8")
    aside.replace(places.held_file)


def _compute_card_checksum(source: str, raw: Path) -> str:
    return sha256((raw / source / "card.yaml").read_bytes()).hexdigest()


def _format_held_names(held: dict[str, str]) -> str:
    return ", ".join(sorted(held)) or "nothing"
