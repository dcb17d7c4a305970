"""Shapes and scales for drawing charts."""

from collections.abc import Callable

from risk.report.contracts.chart import Drawing, DrawnPath, DrawnText

CHART_WIDTH, CHART_EDGE = 360, 8
AxisScale = Callable[[float], float]


def _build_drawing(title: str, desc: str, height: float, paths: list[DrawnPath], texts: list[DrawnText]) -> Drawing:
    drawn = [path for path in paths if path["d"]]
    return {"title": title, "desc": desc, "width": CHART_WIDTH, "height": round(height), "paths": drawn, "texts": texts}


def _build_path(d: str, look: str) -> DrawnPath:
    return {"d": d, "look": look}


def _build_text(x: float, y: float, text: str, look: str = "", anchor: str = "start") -> DrawnText:
    return {"x": _format_coordinate(x), "y": _format_coordinate(y), "text": text, "look": look, "anchor": anchor}


def _format_coordinate(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")


def _trace_line(x1: float, y1: float, x2: float, y2: float) -> str:
    return f"M{_format_coordinate(x1)} {_format_coordinate(y1)}L{_format_coordinate(x2)} {_format_coordinate(y2)}"


def _trace_box(x: float, y: float, width: float, height: float) -> str:
    return (
        f"M{_format_coordinate(x)} "
        f"{_format_coordinate(y)}h{_format_coordinate(width)}v{_format_coordinate(height)}h{_format_coordinate(-width)}z"
    )


def _trace_diamond(x: float, y: float, size: float = 6) -> str:
    return f"M{_format_coordinate(x)} {_format_coordinate(y - size)}l{size} {size}l{-size} {size}l{-size} {-size}z"


def _trace_ring(x: float, y: float, size: float = 4.5) -> str:
    return (
        f"M{_format_coordinate(x - size)} {_format_coordinate(y)}a{size} {size} 0 1 0 {2 * size} 0a{size} {size} "
        f"0 1 0 {-2 * size} 0z"
    )


def _build_scale(low: float, high: float, start: float, end: float) -> AxisScale:
    return lambda value: start + (value - low) / (high - low or 1) * (end - start)
