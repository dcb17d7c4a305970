"""What a person puts in the ledger, checked before it is written: overrides, notes, incidents, disputes, answers."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import polars as pl

from features.bad_input import BadInput
from features.partners import load_partners
from features.snapshot.snapshot import Snapshot
from features.vocabulary import OUTCOMES
from risk.ledger.deadlines import load_statuses
from risk.ledger.files import LedgerFiles
from risk.ledger.issues import record_missed_release
from risk.ledger.line import LedgerLine
from risk.ledger.state import LedgerState, compute_ledger_state, get_utc_day
from risk.ledger.text_checks import check_signature, check_text, check_web_address
from risk.ledger.writer import NewEntry, open_ledger
from risk.outputs.last_run import read_last_table
from risk.vocabulary import REFERRED, TIERS


def build_override_entry(
    iso3: str, outcome: str, tier: str, because: str, until: date, today: date, out: Path
) -> NewEntry:
    """A reviewer's tier for one outcome until a day, beside the engine's own figure of the last run."""
    chosen = _check_choice(outcome, OUTCOMES, "outcome")
    rows = read_last_table(out, "scores").filter(iso3=_check_partner(iso3), outcome=chosen).to_dicts()
    if not rows:
        raise BadInput(f"{out / 'scores.parquet'}: no score of {chosen} for {iso3!r} to stand beside")
    engine = {name: rows[0][name] for name in ("tier", "probability", "low", "high", "origin")}
    said = {"tier": _check_choice(tier, (*TIERS, REFERRED), "tier"), "because": check_text(because, "because")}
    told = {"iso3": rows[0]["iso3"], "outcome": chosen, **said, "until": _check_end_day(until, today)}
    return "override", {**told, "engine": engine}


def build_note_entry(iso3: str, said: str, until: date | None, today: date) -> NewEntry:
    """A reviewer's note on a partner, shown until a day or for good."""
    ends = {"until": _check_end_day(until, today)} if until else {}
    return "note", {"iso3": _check_partner(iso3), "because": check_text(said, "note"), **ends}


def build_incident_entry(iso3: str, on: date, what: str, source: str, today: date) -> NewEntry:
    """An outside report of something that happened on a day, with the address where it is told."""
    if on > today:
        raise BadInput(f"--on {on}: lies ahead, expected a day up to {today}")
    told = {"what": check_text(what, "what"), "source": check_web_address(source)}
    return "incident", {"iso3": _check_partner(iso3), "on": str(on), **told}


def build_incident_status_entry(number: int, status: str, because: str, standing: LedgerState) -> NewEntry:
    """The next status of a report, if it may follow the one it has."""
    found = standing.incidents.get(number)
    if found is None:
        raise BadInput(_describe_missing_line(number, "incident", list(standing.incidents)))
    wanted, allowed = status.replace("_", " ").strip().lower(), load_statuses()[found["status"]].then
    if wanted not in allowed:
        raise BadInput(f"status {status!r}: after {found['status']!r} comes one of {', '.join(allowed)}")
    return "incident_status", {"incident": number, "iso3": found["iso3"], "status": wanted} | _build_because(because)


def build_dispute_entry(iso3: str, measure: str, because: str, out: Path, snapshot: Snapshot) -> NewEntry:
    """A challenge to one value that the scores rest on, with the value, its year and its source as they now are."""
    # What describes measures imports pandas, which takes seconds and which no other entry needs.
    from features.labels import describe_features

    described = describe_features(snapshot).filter(feature=measure).to_dicts()
    if not described:
        close = get_close_matches(measure, describe_features(snapshot)["feature"].to_list(), 3)
        hint = f"; close to it: {', '.join(close)}" if close else ""
        raise BadInput(f"--measure {measure!r}: no measure of the panel{hint}")
    rows = read_last_table(out, "standing").filter(iso3=_check_partner(iso3)).to_dicts()
    if not rows:
        raise BadInput(f"{out / 'standing.parquet'}: no row for {iso3!r}")
    now = {"value": rows[0].get(measure), "year": _compute_fact_year(rows[0], described[0]["measure"])}
    told = {name: described[0][name] for name in ("label", "unit", "source")}
    return "dispute", {"iso3": rows[0]["iso3"], "measure": measure, **now, **told} | _build_because(because)


def build_answer_entry(number: int, because: str, upheld: bool, standing: LedgerState) -> NewEntry:
    """The answer to a challenge that is still open."""
    found = standing.disputes.get(number)
    if found is None:
        raise BadInput(_describe_missing_line(number, "dispute", list(standing.disputes)))
    if found["answer"]:
        raise BadInput(f"line {number}: answered already by line {found['answer']['line']}")
    return "answer", {"dispute": number, "iso3": found["iso3"], "upheld": upheld} | _build_because(because)


def build_withdrawal_entry(number: int, because: str, standing: LedgerState) -> NewEntry:
    """The end of an override or a note before its day; the line itself stays."""
    found = standing.overrides.get(number) or standing.notes.get(number)
    if found is None:
        raise BadInput(
            _describe_missing_line(number, "override or note in force", [*standing.overrides, *standing.notes])
        )
    return "withdrawal", {"withdrawn": number, "iso3": found["iso3"]} | _build_because(because)


def _build_because(because: str) -> dict[str, str]:
    return {"because": check_text(because, "because")}


def _check_partner(iso3: str) -> str:
    code = iso3.upper()
    if load_partners().filter(pl.col("iso3") == code).is_empty():
        raise BadInput(f"no partner {iso3!r}, expected three letters such as EGY")
    return code


def _check_choice(found: str, accepted: Sequence[str], name: str) -> str:
    if found not in accepted:
        raise BadInput(f"unknown {name} {found!r}, expected one of {', '.join(accepted)}")
    return found


def _check_end_day(until: date, today: date) -> str:
    if until < today:
        raise BadInput(f"--until {until}: is past, expected {today} or later")
    return str(until)


def _compute_fact_year(row: Mapping[str, Any], measure: str) -> int | None:
    age = row.get(f"{measure}_age")
    return None if age is None else int(row["origin"] - age)


def _describe_missing_line(number: int, what: str, known: list[int]) -> str:
    some = f"; known: {', '.join(map(str, sorted(known)[-10:]))}" if known else "; there is none"
    return f"line {number}: is no {what}{some}"


def select_written_lines(iso3: str | None, lines: Sequence[LedgerLine]) -> list[LedgerLine]:
    """The lines people wrote, of one partner or of all."""
    code = _check_partner(iso3) if iso3 else None
    told = [line for line in lines if line.kind not in ("issue", "figures")]
    return [line for line in told if code in (None, line.content.get("iso3"))]


def record_entry(make: Callable[[LedgerState], NewEntry], place: LedgerFiles, out: Path, who: str | None) -> LedgerLine:
    """Add what `make` makes of the entries' standing; the ledger is held meanwhile, so that nobody answers twice.

    Outputs that a run left in place unrecorded are recorded first. Raises BadInput where the entry is refused or the
    ledger cannot be written.
    """
    by = check_signature(who)
    record_missed_release(out, place, by)
    with open_ledger(place) as ledger:
        return ledger.add_entries([make(compute_ledger_state(ledger.fetch_lines(), get_utc_day()))], by)[0]
