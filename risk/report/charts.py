"""Charts as plain lists of paths and texts, computed from a summary's numbers; templates write them as SVG.

Marks differ in shape, dash and label, so that none depends on color.
"""

from collections.abc import Sequence
from itertools import groupby
from textwrap import wrap
from typing import NamedTuple

from risk.report.contracts.chart import Bar, Drawing, DrawnPath, DrawnText, Flows
from risk.report.contracts.memo import CaseRisk
from risk.report.contracts.partner import Arms, BesideLine, PastLine, Theme
from risk.report.drawing import (
    CHART_EDGE,
    CHART_WIDTH,
    AxisScale,
    _build_drawing,
    _build_path,
    _build_scale,
    _build_text,
    _format_coordinate,
    _trace_box,
    _trace_diamond,
    _trace_line,
    _trace_ring,
)

# Fits the width even with a reader's wider letter spacing.
LINE_LETTERS = 32


def draw_estimates_chart(lines: Sequence[BesideLine]) -> Drawing:
    """Draw the estimate with its interval on a line from 0 to 100%, and the simpler estimates below it."""
    across, step = _build_scale(0, 1, CHART_EDGE, CHART_WIDTH - CHART_EDGE), 38
    paths: list[DrawnPath] = []
    texts: list[DrawnText] = []
    for index, line in enumerate(lines):
        y = 30 + index * step
        text = (
            f"{line['probability']} ({line['interval']})"
            if line["interval"] not in (None, line["probability"])
            else line["probability"]
        )
        texts += [
            _build_text(CHART_EDGE, y - 12, line["name"], "strong"),
            _build_text(CHART_WIDTH - CHART_EDGE, y - 12, text, "", "end"),
        ]
        paths.append(_build_path(_trace_line(CHART_EDGE, y, CHART_WIDTH - CHART_EDGE, y), "axis"))
        if line["low"] is not None and line["high"] is not None:
            paths.append(_build_path(_trace_line(across(line["low"]), y, across(line["high"]), y), "interval"))
        if line["share"] is not None:
            mark = _trace_ring(across(line["share"]), y) if index else _trace_diamond(across(line["share"]), y)
            paths.append(_build_path(mark, "ring" if index else "mark"))
    bottom = 30 + (len(lines) - 1) * step
    texts += [
        _build_text(across(share / 100), bottom + 20, f"{share}%", "small", anchor) for share, anchor in _SCALE_ENDS
    ]
    text = "; ".join(f"{line['name']}: {line['probability']}, {line['told']}" for line in lines)
    return _build_drawing("The estimate beside what else might be said", text, bottom + 26, paths, texts)


_SCALE_ENDS = ((0, "start"), (50, "middle"), (100, "end"))


def draw_themes_chart(themes: Sequence[Theme]) -> Drawing:
    """Draw what each theme adds to or takes from the log-odds, to the right and left of a middle line."""
    step, middle, reach = 36, CHART_WIDTH / 2, CHART_WIDTH / 2 - CHART_EDGE
    most = max((abs(theme["effect"]["logodds"]) for theme in themes), default=0) or 1
    paths: list[DrawnPath] = []
    texts = [
        _build_text(CHART_EDGE, 12, "◀ lower risk", "small"),
        _build_text(CHART_WIDTH - CHART_EDGE, 12, "higher risk ▶", "small", "end"),
    ]
    for index, theme in enumerate(themes):
        y, size = 34 + index * step, theme["effect"]["logodds"] / most * reach
        texts.append(_build_text(CHART_EDGE, y, theme["theme"], "strong"))
        texts.append(_build_text(CHART_WIDTH - CHART_EDGE, y, f"odds × {theme['effect']['odds']}", "", "end"))
        paths.append(_build_path(_trace_box(middle, y + 5, size, 9), "up" if size > 0 else "down"))
    bottom = 34 + len(themes) * step - 16
    paths.append(_build_path(_trace_line(middle, 20, middle, bottom), "axis"))
    description = "; ".join(f"{theme['theme']}: {theme['effect']['words']}" for theme in themes)
    return _build_drawing("What goes with a higher or a lower risk, by theme", description, bottom + 4, paths, texts)


class _Point(NamedTuple):
    """A past origin, its probability, and its interval if it has one."""

    origin: int
    share: float
    interval: tuple[float, float] | None


def draw_forecasts_chart(rows: Sequence[PastLine], now: BesideLine, origin: int, base: float | None) -> Drawing:
    """Draw the engine's probability at each past origin and now, and the outcomes below."""
    first, left, right = rows[0]["origin"], CHART_EDGE + 30, CHART_WIDTH - CHART_EDGE
    across, up = _build_scale(first, origin, left, right - 8), _build_scale(0, 1, 176, 26)
    paths = [_build_path(_trace_line(left, up(share), right, up(share)), "axis") for share in (0, 0.5, 1)]
    texts = [_build_text(left - 4, up(share) + 4, f"{share:.0%}", "small", "end") for share in (0, 0.5, 1)]
    paths += [_build_path(_trace_band(part, across, up), "band") for part in _split_into_runs(rows)]
    paths += [_build_path(_trace_forecasts(part, across, up), "track") for part in _split_into_runs(rows)]
    if base is not None:
        paths.append(_build_path(_trace_line(left, up(base), right, up(base)), "base"))
        texts.append(_build_text(left + 4, up(base) - 4, f"all partners {base:.0%}", "small"))
    if now["share"] is not None:
        if now["low"] is not None and now["high"] is not None:
            paths.append(
                _build_path(_trace_line(across(origin), up(now["low"]), across(origin), up(now["high"])), "interval")
            )
        paths.append(_build_path(_trace_diamond(across(origin), up(now["share"]), 5), "mark"))
        texts.append(_build_text(right, 12, f"now {now['probability']}", "strong", "end"))
    marks, words = _mark_outcomes(rows, across)
    years = [year for year in range(first, origin + 1) if not year % 5]
    texts += words + [_build_text(across(year), 226, str(year), "small", "middle") for year in years]
    description = "; ".join(
        f"{row['origin']}: {row['probability'] or 'none'}, happened: {row['happened']}" for row in rows
    )
    return _build_drawing(
        "The engine's probability at each origin, and what followed", description, 230, paths + marks, texts
    )


def _mark_outcomes(rows: Sequence[PastLine], across: AxisScale) -> tuple[list[DrawnPath], list[DrawnText]]:
    positions: dict[str, list[float]] = {"yes": [], "no": []}
    for row in rows:
        positions.setdefault(row["happened"], []).append(across(row["origin"]))
    boxes = "".join(_trace_box(x - 4, 200, 8, 8) for x in positions.pop("yes"))
    rings = "".join(_trace_ring(x, 204, 4) for x in positions.pop("no"))
    words = [_build_text(x, 208, "?", "small", "middle") for unknown in positions.values() for x in unknown]
    words.append(_build_text(CHART_EDGE, 194, "Followed: ■ misuse, ○ none, ? not known", "small"))
    return [_build_path(boxes, "mark"), _build_path(rings, "ring")], words


def _split_into_runs(rows: Sequence[PastLine]) -> list[list[_Point]]:
    """Split origins into runs without a gap, since a line across a gap would show estimates that do not exist."""
    runs: list[list[_Point]] = []
    for row in rows:
        if row["share"] is None:
            continue
        low, high = row["low"], row["high"]
        point = _Point(row["origin"], row["share"], None if low is None or high is None else (low, high))
        if runs and runs[-1][-1].origin == point.origin - 1:
            runs[-1].append(point)
        else:
            runs.append([point])
    return runs


def _trace_forecasts(points: Sequence[_Point], across: AxisScale, up: AxisScale) -> str:
    return "M" + "L".join(
        f"{_format_coordinate(across(point.origin))} {_format_coordinate(up(point.share))}" for point in points
    )


def _trace_band(points: Sequence[_Point], across: AxisScale, up: AxisScale) -> str:
    ends = [(point.origin, *point.interval) for point in points if point.interval]
    if len(ends) < len(points):
        return ""
    upper = [f"{_format_coordinate(across(origin))} {_format_coordinate(up(high))}" for origin, _, high in ends]
    lower = [f"{_format_coordinate(across(origin))} {_format_coordinate(up(low))}" for origin, low, _ in reversed(ends)]
    return "M" + "L".join(upper + lower) + "z"


def draw_arms_chart(arms: Arms) -> Drawing:
    """Draw major weapons by supplier group, one row each, all rows to one scale."""
    most = max((volume for group in arms["groups"] for volume in group["volumes"]), default=0)
    lines = [(group["label"], group["said"], group["volumes"]) for group in arms["groups"]]
    return _draw_bar_rows(
        "Major weapons received, by supplier", arms["told"], arms["periods"], lines, [most] * len(lines)
    )


def draw_money_chart(money: Flows) -> Drawing:
    """Draw US assistance and sales by year, one row per series, each row to its own scale."""
    lines = [(line["label"], line["top"] or "nothing", line["values"]) for line in money["series"]]
    scales = [max((value or 0 for value in line["values"]), default=0) for line in money["series"]]
    description = "; ".join(f"{line['label']}: {line['told']}" for line in money["series"])
    return _draw_bar_rows(
        "US assistance and sales by year", description, [str(year) for year in money["years"]], lines, scales
    )


def draw_bar_chart(title: str, lines: Sequence[Bar]) -> Drawing:
    """Draw one bar per line, all to one scale: name, said and value, and any earlier value in outline."""
    reach, y = CHART_WIDTH - 2 * CHART_EDGE, 0
    most = max((max(line["value"], line.get("before") or 0) for line in lines), default=0) or 1
    paths: list[DrawnPath] = []
    texts: list[DrawnText] = []
    for line in lines:
        for part in wrap(line["name"], LINE_LETTERS):
            y += 15
            texts.append(_build_text(CHART_EDGE, y, part, "strong"))
        y += 14
        texts.append(_build_text(CHART_EDGE, y, line["said"]))
        paths.append(_build_path(_trace_box(CHART_EDGE, y + 5, max(line["value"], 0) / most * reach, 8), "fill"))
        if (before := line.get("before")) is not None:
            paths.append(_build_path(_trace_box(CHART_EDGE, y + 14, max(before, 0) / most * reach, 6), "ring"))
        y += 24
    description = "; ".join(f"{line['name']}: {line['said']}" for line in lines)
    return _build_drawing(title, description, y + 4, paths, texts)


def _draw_bar_rows(
    title: str,
    desc: str,
    columns: Sequence[str],
    lines: Sequence[tuple[str, str, Sequence[float | None]]],
    scales: Sequence[float],
) -> Drawing:
    """Draw bars in rows that share their columns, a name and a figure above each; dotted where unknown."""
    step, tall, wide = 50, 26, (CHART_WIDTH - 2 * CHART_EDGE) / len(columns)
    paths: list[DrawnPath] = []
    texts: list[DrawnText] = []
    for index, ((label, figure, values), most) in enumerate(zip(lines, scales, strict=True)):
        floor = 16 + index * step + tall + 2
        texts += [
            _build_text(CHART_EDGE, 12 + index * step, label, "strong"),
            _build_text(CHART_WIDTH - CHART_EDGE, 12 + index * step, figure, "", "end"),
        ]
        bars = [
            _trace_bar(CHART_EDGE + column * wide, floor, wide, value, most, tall)
            for column, value in enumerate(values)
        ]
        floors = {known: _trace_floor(values, known, wide, floor) for known in (True, False)}
        paths += [
            _build_path("".join(bars), "fill"),
            _build_path(floors[True], "axis"),
            _build_path(floors[False], "blank"),
        ]
    bottom = 16 + len(lines) * step
    texts += [
        _build_text(CHART_EDGE, bottom, columns[0], "small"),
        _build_text(CHART_WIDTH - CHART_EDGE, bottom, columns[-1], "small", "end"),
    ]
    middle = len(columns) // 2
    texts.append(_build_text(CHART_EDGE + (middle + 0.5) * wide, bottom, columns[middle], "small", "middle"))
    return _build_drawing(title, desc, bottom + 4, paths, texts)


def _trace_floor(values: Sequence[float | None], known: bool, wide: float, y: float) -> str:
    """Trace the baseline under the known columns of a row, or under the unknown ones."""
    parts, index = [], 0
    for same, group in groupby(value is not None for value in values):
        end = index + len(list(group))
        parts += [_trace_line(CHART_EDGE + index * wide, y, CHART_EDGE + end * wide, y)] if same is known else []
        index = end
    return "".join(parts)


def _trace_bar(x: float, floor: float, wide: float, value: float | None, most: float, tall: float) -> str:
    """Trace a bar with a visible minimum height; negative amounts extend below the line."""
    if not value or not most:
        return ""
    height = value / most * tall
    height = max(height, 1.0) if value > 0 else max(height, -4.0)
    return _trace_box(x + wide * 0.1, floor - height, wide * 0.8, height)


def draw_case_chart(lines: Sequence[CaseRisk]) -> Drawing:
    """Draw the risks of a case, a group of bars each: the exposure, and the pair and pressure behind it."""
    step, left = 76, CHART_EDGE + 118
    reach = CHART_WIDTH - CHART_EDGE - left
    paths: list[DrawnPath] = []
    texts: list[DrawnText] = []
    for index, line in enumerate(lines):
        top = 14 + index * step
        texts.append(_build_text(CHART_EDGE, top, line["name"], "strong"))
        for row, bar in enumerate(line["bars"]):
            y = top + 7 + row * 16
            texts.append(_build_text(CHART_EDGE, y + 10, bar["told"], "small"))
            if bar["share"] is not None:
                paths.append(_build_path(_trace_box(left, y, max(bar["share"] * reach, 1), 11), bar["look"]))
            paths.append(
                _build_path(
                    _trace_line(left, y + 11, CHART_WIDTH - CHART_EDGE, y + 11),
                    "blank" if bar["share"] is None else "axis",
                )
            )
        if line["high"] is not None:
            paths.append(
                _build_path(
                    _trace_line(left + line["high"] * reach, top + 4, left + line["high"] * reach, top + 21), "base"
                )
            )
    bottom = 14 + len(lines) * step
    texts.append(_build_text(CHART_EDGE, bottom, "Full width: 100, 4 and 100%. Dashed: high begins", "small"))
    description = "; ".join(
        f"{line['name']}: {', '.join(bar['told'].lower() for bar in line['bars'])}" for line in lines
    )
    return _build_drawing("Exposure to each risk, and what it is made of", description, bottom + 6, paths, texts)
