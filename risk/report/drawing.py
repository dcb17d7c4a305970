"""Shapes and scales that charts are drawn with."""

from collections.abc import Callable

from risk.report.contracts.chart import Drawing, DrawnPath, DrawnText

WIDTH, EDGE = 360, 8
Scale = Callable[[float], float]


def _drawing(title: str, desc: str, height: float, paths: list[DrawnPath], texts: list[DrawnText]) -> Drawing:
    drawn = [path for path in paths if path["d"]]
    return {"title": title, "desc": desc, "width": WIDTH, "height": round(height), "paths": drawn, "texts": texts}


def _path(d: str, look: str) -> DrawnPath:
    return {"d": d, "look": look}


def _text(x: float, y: float, text: str, look: str = "", anchor: str = "start") -> DrawnText:
    return {"x": _n(x), "y": _n(y), "text": text, "look": look, "anchor": anchor}


def _n(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")


def _line(x1: float, y1: float, x2: float, y2: float) -> str:
    return f"M{_n(x1)} {_n(y1)}L{_n(x2)} {_n(y2)}"


def _box(x: float, y: float, width: float, height: float) -> str:
    return f"M{_n(x)} {_n(y)}h{_n(width)}v{_n(height)}h{_n(-width)}z"


def _diamond(x: float, y: float, size: float = 6) -> str:
    return f"M{_n(x)} {_n(y - size)}l{size} {size}l{-size} {size}l{-size} {-size}z"


def _ring(x: float, y: float, size: float = 4.5) -> str:
    return f"M{_n(x - size)} {_n(y)}a{size} {size} 0 1 0 {2 * size} 0a{size} {size} 0 1 0 {-2 * size} 0z"


def _between(low: float, high: float, start: float, end: float) -> Scale:
    return lambda value: start + (value - low) / (high - low or 1) * (end - start)
