"""A partner's history: forecasts and outcomes, arms by supplier, and money from the United States."""

from collections.abc import Mapping, Sequence

from risk.outputs.table_rows import RecordRow
from risk.report.contracts.chart import Flow
from risk.report.contracts.partner import Arms, Money, PastLine, Record, Supplier
from risk.report.formatting import format_amount, format_count, format_interval, format_list, format_percent
from risk.report.formatting import format_money as dollars
from risk.report.inputs import PartnerHistory, ReportInputs, YearlySeries
from risk.report.labels import MONEY_LABELS, MONEY_NOTES, STATUS_LABELS, SUPPLIER_LABELS

HAPPENED_WORDS = {True: "yes", False: "no", None: "not yet known"}
BLOCK_YEARS, FIRST_BLOCK, FIRST_FISCAL_YEAR = 5, 1951, 2000


def build_past_forecasts(iso3: str, inputs: ReportInputs) -> Record:
    """Build the engine's probability of misuse and the outcome at each past origin, and a sentence on the counts."""
    rows = [_build_forecast_row(row) for row in inputs.past_forecasts.get(iso3, [])]
    known = [
        (row["share"], row["happened"])
        for row in rows
        if row["happened"] != HAPPENED_WORDS[None] and row["share"] is not None
    ]
    return {"told": _describe_forecast_hits(known) if known else None, "rows": rows}


def _build_forecast_row(row: RecordRow) -> PastLine:
    return {
        "origin": row["origin"],
        "status": STATUS_LABELS[row["status"]],
        "probability": format_percent(row["probability"]),
        "interval": format_interval(row["low"], row["high"]),
        "share": row["probability"],
        "low": row["low"],
        "high": row["high"],
        "happened": HAPPENED_WORDS[row["observed"]],
    }


def _describe_forecast_hits(known: Sequence[tuple[float, str]]) -> str:
    likely = [happened for share, happened in known if share >= 0.5]
    unlikely = [happened for share, happened in known if share < 0.5]
    parts = [
        f"{words} at {format_count(len(half), 'origin')}: misuse followed {_format_hits(half)}"
        for half, words in ((likely, "50% or more"), (unlikely, "under 50%"))
        if half
    ]
    return f"The engine's probability was {'; '.join(parts)}."


def _format_hits(happened: Sequence[str]) -> str:
    hits = sum(followed == "yes" for followed in happened)
    return f"after {'all' if hits == len(happened) > 1 else hits or 'none'} of them"


def build_arms_history(iso3: str, history: PartnerHistory) -> Arms | None:
    """Build major weapons received by supplier group over five-year periods, in millions of SIPRI's volume (TIV)."""
    total = history.series.get("sipri_total_tiv")
    if total is None:
        return None
    since = max(total.first, history.since.get(iso3, total.first))
    ends = [
        end
        for end in range(total.last, FIRST_BLOCK, -BLOCK_YEARS)
        if end >= since and end - BLOCK_YEARS + 1 >= FIRST_BLOCK
    ]
    periods = [(end - BLOCK_YEARS + 1, end) for end in reversed(ends)]
    received = {
        label: _volumes(history.series[f"sipri_{name}_tiv"], iso3, periods) for name, label in SUPPLIER_LABELS.items()
    }
    latest = sum(volumes[-1] for volumes in received.values())
    groups = [_build_supplier_row(label, volumes, latest) for label, volumes in received.items()]
    return {
        "told": _describe_suppliers(groups, periods[-1]),
        "periods": [f"{max(first, since)}–{last}" for first, last in periods],
        "groups": groups,
        "any": any(sum(group["volumes"]) for group in groups),
    }


def _volumes(series: YearlySeries, iso3: str, periods: Sequence[tuple[int, int]]) -> list[float]:
    values = series.values.get(iso3, {})
    return [round(sum(values.get(year, 0.0) for year in range(first, last + 1)), 1) for first, last in periods]


def _build_supplier_row(label: str, volumes: list[float], latest: float) -> Supplier:
    return {
        "label": label,
        "volumes": volumes,
        "words": [format_amount(volume, None) for volume in volumes],
        "said": format_percent(volumes[-1] / latest) if latest and volumes[-1] else "none",
    }


def _describe_suppliers(groups: Sequence[Supplier], period: tuple[int, int]) -> str:
    latest = {group["label"]: group["volumes"][-1] for group in groups if group["volumes"][-1]}
    whole = sum(latest.values())
    when = f"{period[0]}–{period[1]}"
    if not whole:
        return f"No delivery of major weapons is on record for {when}."
    ranked = sorted(latest, key=lambda label: (-latest[label], label))
    shares = format_list([f"{label} {format_percent(latest[label] / whole)}" for label in ranked])
    return f"Of major weapons received in {when}: {shares} (by volume, not price)."


def build_money_history(iso3: str, history: PartnerHistory) -> Money | None:
    """Build US assistance and sales by fiscal year (licenses by calendar year), in current dollars."""
    flow_series = {name: history.series[name] for name in MONEY_LABELS if name in history.series}
    if not flow_series:
        return None
    years = list(range(FIRST_FISCAL_YEAR, max(series.last for series in flow_series.values()) + 1))
    since = history.since.get(iso3, FIRST_FISCAL_YEAR)
    flows = [_build_money_flow(name, series, iso3, years, since) for name, series in flow_series.items()]
    return {"years": years, "series": flows, "notes": list(MONEY_NOTES)}


def _build_money_flow(name: str, series: YearlySeries, iso3: str, years: Sequence[int], since: int) -> Flow:
    recorded: Mapping[int, float] = series.values.get(iso3, {})
    spans = range(max(series.first, since), series.last + 1)
    nothing = 0.0 if series.absent_is_zero else None
    values = [recorded.get(year, nothing) if year in spans else None for year in years]
    format_value = (lambda value: format_amount(value, None)) if name == "dsca_notifications" else dollars
    known = {year: value for year, value in zip(years, values, strict=True) if value is not None}
    top = max(known, key=lambda year: (known[year], year)) if any(known.values()) else None
    highest = f"{format_value(known[top])}, {top}" if top else None
    covered = f"{min(known)} to {max(known)}" if known else "no year on record"
    return {
        "label": MONEY_LABELS[name],
        "values": values,
        "words": ["–" if value is None else format_value(value) for value in values],
        "told": f"{covered}, {f'highest {highest}' if highest else 'nothing on record'}",
        "top": highest,
    }
