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
from features.files.untrusted import parsed
from features.refresh.compare import Difference, compare, too_far
from features.refresh.exchange import place, recover
from features.refresh.fetch import Limits
from features.refresh.folders import Places, only_refresh
from features.refresh.gather import Gathered, by_fetching, by_hand, mixed, remember, ways
from features.refresh.unpack import UNPACKED
from features.snapshot.cards import RAW, Card, read_card, read_table
from features.snapshot.compile import SOURCES, compile_source, verify, warnings

State = Literal["new", "unchanged", "not given", "needs a person", "failed", "refused", "held"]
ALL = "all"


@dataclass
class Told:
    """What became of one source: its state, why, what differs by table, and remarks."""

    source: str
    state: State
    why: str = ""
    differences: list[Difference] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


@dataclass
class Ended:
    """A refresh's outcome: a line a source, and the number under which the replaced ones are kept."""

    told: list[Told]
    kept: str = ""

    @property
    def good(self) -> bool:
        """Whether no source failed and none was refused."""
        return not any(told.state in ("failed", "refused") for told in self.told)


@dataclass(frozen=True)
class Asked:
    """What a refresh is asked to do: folder of given files or none, sources, those accepted whatever they move."""

    given: Path | None = None
    sources: Sequence[str] = ()
    accept: Sequence[str] = ()
    hold: bool = False
    release: str = ""


def refresh(
    asked: Asked,
    today: date,
    raw: Path = RAW,
    limits: Limits | None = None,
    largest: int = UNPACKED,
    say: Callable[[str], None] = lambda _: None,
) -> Ended:
    """Bring the sources up to date; one that fails or moves too far leaves its tables as they are.

    Raises BadInput where the question itself is wrong, or another refresh is at work.
    """
    _check(asked)
    places = Places(raw)
    with only_refresh(places):
        recover(places)
        verify(raw)
        _begin_candidate(places)
        told = []
        for source in asked.sources or SOURCES:
            say(source)
            told.append(_one(source, asked, today, places, limits or Limits(), largest))
        ready = [one.source for one in told if one.state == "new"]
        if asked.hold:
            for one in told:
                one.state = "held" if one.state in ("new", "refused") else one.state
            ready = []
        kept = place(ready, places.candidate, places) if ready else ""
        _end_candidate(told, places)
    return Ended(told, kept)


def accept(sources: Sequence[str], raw: Path = RAW) -> tuple[str, list[str]]:
    """Put held issues in place, all or those named: the number under which the replaced are kept, and the sources.

    Raises BadInput where nothing is held, or the snapshot has changed since the issue was compared with it.
    """
    places = Places(raw)
    with only_refresh(places):
        recover(places)
        held = waiting(raw)
        chosen = sorted(held) if not sources or ALL in sources else list(sources)
        for source in chosen:
            if source not in held:
                raise BadInput(f"{places.candidate}: no issue of {source!r} is held; held: {_listed(held)}")
            if _mark(source, raw) != held[source]:
                raise BadInput(f"{source} has changed since its new issue was compared; run the refresh again")
        if not chosen:
            raise BadInput(f"{places.candidate}: nothing is held")
        kept = place(chosen, places.candidate, places)
        _keep_held({source: mark for source, mark in held.items() if source not in chosen}, places)
    return kept, chosen


def waiting(raw: Path = RAW) -> dict[str, str]:
    """Sources held in the candidate, each with the checksum of the card it was compared with."""
    places = Places(raw)
    try:
        held: dict[str, str] | None = parsed(places.held.read_bytes())
    except FileNotFoundError:
        return {}
    except ValueError:
        held = None
    if not isinstance(held, dict):
        raise BadInput(f"{places.held}: not readable; remove {places.candidate} and refresh again") from None
    return held


def _check(asked: Asked) -> None:
    for source in [*asked.sources, *asked.accept]:
        if source not in SOURCES and source != ALL:
            raise BadInput(f"unknown source {source!r}, expected one of {', '.join(SOURCES)}")
    if asked.given is not None and not asked.given.is_dir():
        raise BadInput(f"{asked.given}: no such folder of published files")
    if asked.release and len(asked.sources) != 1:
        raise BadInput("a release is named for one source: give --source as well")


def _one(source: str, asked: Asked, today: date, places: Places, limits: Limits, largest: int) -> Told:
    """Gather, compile and compare one source; whatever is wrong with it is told, not raised."""
    card = read_card(source, places.raw)
    if asked.given is None and not ways(card):
        why = next((download.person for download in card.downloads if download.person), "the card gives no address")
        return Told(source, "needs a person", why)
    notes: list[str] = []
    for rank in range(1 if asked.given else ways(card)):
        with TemporaryDirectory() as folder:
            try:
                gathered = _gathered(card, asked, rank, Path(folder), today, places, limits, largest)
                if gathered is None:
                    return Told(source, "not given", "none of its files is in the folder")
                compile_source(
                    source, gathered.folder, places.raw, places.candidate, _named(card, gathered, asked, today)
                )
                remember(gathered, card, places.downloads)
            except BadInput as error:
                notes.append(str(error).replace(f"{folder}/", ""))
                continue
        return _judged(source, asked, places, notes + gathered.notes + _mixture(gathered))
    _as_in_use(source, places)
    state: State = "needs a person" if all(" needs a person: " in note for note in notes) else "failed"
    return Told(source, state, "; then ".join(dict.fromkeys(notes)))


def _gathered(
    card: Card, asked: Asked, rank: int, folder: Path, today: date, places: Places, limits: Limits, largest: int
) -> Gathered | None:
    if asked.given is not None:
        return by_hand(card, asked.given, folder)
    return by_fetching(card, rank, folder, places.downloads, today, limits, largest)


def _named(card: Card, gathered: Gathered, asked: Asked, today: date) -> dict[str, object]:
    """The card's new day and release: as asked, as the addresses say, or the old one with the day it was replaced."""
    said = "; ".join(dict.fromkeys(filter(None, gathered.releases)))
    old = card.release.split("; files of ")[0]
    return {"accessed": today, "release": asked.release or said or f"{old}; files of {today}, their release not named"}


def _mixture(gathered: Gathered) -> list[str]:
    kinds = mixed(gathered)
    return [f"its tables may come from different releases: files were {', '.join(kinds)}"] if len(kinds) > 1 else []


def _judged(source: str, asked: Asked, places: Places, notes: list[str]) -> Told:
    """Compare the compiled source with the one in use; the same tables are no new issue, whatever the day."""
    new, old = read_card(source, places.candidate), read_card(source, places.raw)
    if all(new.tables[name].sha256 == old.tables[name].sha256 for name in old.tables):
        _as_in_use(source, places)
        return Told(source, "unchanged", notes=notes)
    differences = [
        compare(source, name, read_table(source, name, places.raw), read_table(source, name, places.candidate), table)
        for name, table in old.tables.items()
    ]
    reasons = [why for one in differences for why in too_far(one, old.tables[one.table])]
    accepted = source in asked.accept or ALL in asked.accept
    notes += warnings(new, places.candidate)
    if reasons and not accepted:
        return Told(source, "refused", "; ".join(reasons), differences, notes)
    return Told(source, "new", "", differences, notes + [f"accepted although {why}" for why in reasons])


def _begin_candidate(places: Places) -> None:
    """A copy of the snapshot in use, so that the candidate is whole whatever is refreshed."""
    shutil.rmtree(places.candidate, ignore_errors=True)
    shutil.copytree(places.raw, places.candidate)


def _as_in_use(source: str, places: Places) -> None:
    shutil.rmtree(places.candidate / source, ignore_errors=True)
    shutil.copytree(places.raw / source, places.candidate / source)


def _end_candidate(told: Sequence[Told], places: Places) -> None:
    """Keep the candidate only while something in it waits for a person."""
    _keep_held({one.source: _mark(one.source, places.raw) for one in told if one.state in ("held", "refused")}, places)


def _keep_held(held: dict[str, Any], places: Places) -> None:
    if not held:
        shutil.rmtree(places.candidate, ignore_errors=True)
        return
    aside = places.held.with_suffix(".new")
    aside.write_text(json.dumps(held, indent=1, sort_keys=True) + "\n", encoding="utf-8")
    aside.replace(places.held)


def _mark(source: str, raw: Path) -> str:
    return sha256((raw / source / "card.yaml").read_bytes()).hexdigest()


def _listed(held: dict[str, str]) -> str:
    return ", ".join(sorted(held)) or "nothing"
