"""The rulebook's transfer tables as plain values, for case memos and the page on case review."""

from collections.abc import Sequence
from typing import cast

from pydantic import BaseModel

from risk.cases.tables.loading import TransferTables, load_transfer_tables
from risk.cases.tables.pressure_schema import RiskPressure
from risk.report.contracts.input_types import RiskWords, TransferEntry, TransferWords
from risk.rules.rulebook_files import RulebookFiles


def load_transfer_texts(rulebook: RulebookFiles) -> TransferWords:
    """Load the texts of a rulebook's transfer tables; empty if it has none."""
    return build_transfer_texts(load_transfer_tables(rulebook)) if rulebook.has_transfers else TransferWords()


def build_transfer_texts(tables: TransferTables) -> TransferWords:
    """Collect titles, reasons and sources by kind and key, as plain values that JSON can hold.

    `rule` stays empty, since the decisions on a partner describe its rules.
    """
    swaps = {f"swap_{item.id}": item.swap for item in tables.items if item.swap}
    return {
        "item": _dump_by_key(tables.items),
        "user": _dump_by_key(tables.end_users),
        "objective": _dump_by_key(tables.objectives),
        "programme": _dump_by_key(tables.programmes),
        "question": {question.id: question.ask for question in tables.questions},
        "safer": swaps | {other.id: f"{other.way}. {other.because}" for other in tables.safer},
        "risk": {pressure.id: _describe_risk(pressure) for pressure in tables.pressures},
        "warning": " ".join(tables.warning.split()),
        "rule": {},
    }


def _dump_by_key(entries: Sequence[BaseModel]) -> dict[str, TransferEntry]:
    dumped = [entry.model_dump(mode="json") for entry in entries]
    return {entry["id"]: cast(TransferEntry, entry) for entry in dumped}


def _describe_risk(pressure: RiskPressure) -> RiskWords:
    forecast = pressure.forecast
    outcome = forecast.removesuffix("_probability").replace("_", " ") if forecast else None
    words = cast(RiskWords, pressure.model_dump(mode="json", include={"title", "because", "starts"}))
    return {**words, "forecast": outcome}
