"""A chart draws what the summary says: marks at the numbers, gaps where a number is missing."""

import re
from typing import Any

import pytest

from risk.report import charts


def line(name: str, share: float | None, low: float | None = None, high: float | None = None) -> dict[str, Any]:
    return {"name": name, "told": "", "probability": "", "interval": None, "share": share, "low": low, "high": high}


def forecast(origin: int, share: float | None = 0.5, happened: str = "no") -> dict[str, Any]:
    bounds = {"low": None if share is None else share - 0.1, "high": None if share is None else share + 0.1}
    return {"origin": origin, "share": share, **bounds, "probability": "50%", "happened": happened}


def looks(drawing: dict[str, Any]) -> list[str]:
    return [path["look"] for path in drawing["paths"]]


def numbers(path: str) -> list[float]:
    return [float(number) for number in re.findall(r"-?\d+\.?\d*", path)]


def test_the_estimate_lies_on_its_line_between_the_ends_of_its_interval() -> None:
    drawing = charts.draw_estimates_chart([line("This", 0.5, 0.25, 0.75), line("Other", None), line("All", 0.0)])
    by_look = {path["look"]: numbers(path["d"]) for path in drawing["paths"]}
    assert by_look["interval"][0] == 94 and by_look["interval"][2] == 266
    assert by_look["mark"][0] == 180
    assert looks(drawing).count("ring") == 1 and looks(drawing).count("axis") == 3


def test_a_gap_between_origins_breaks_the_line_and_what_is_not_yet_known_is_a_question() -> None:
    rows = [forecast(2000), forecast(2001, happened="yes"), forecast(2003), forecast(2004, None, "not yet known")]
    drawing = charts.draw_forecasts_chart(rows, line("now", 0.2, 0.1, 0.3) | {"probability": "20%"}, 2010, 0.25)
    assert looks(drawing).count("track") == 2 and looks(drawing).count("band") == 2
    assert [text["text"] for text in drawing["texts"]].count("?") == 1
    marks = [path["d"] for path in drawing["paths"] if path["look"] in ("mark", "ring")]
    assert [mark.count("M") for mark in marks] == [1, 1, 2]
    assert "2001: 50%, happened: yes" in drawing["desc"]


def test_bars_grow_with_their_values_and_years_not_covered_are_dotted() -> None:
    series = {"label": "Aid", "top": "$4, 2002", "told": "", "values": [None, 2.0, 4.0, 0.0, -1.0]}
    drawing = charts.draw_money_chart({"years": [2000, 2001, 2002, 2003, 2004], "series": [series]})
    paths = {path["look"]: path["d"] for path in drawing["paths"]}
    heights = [float(height) for height in re.findall(r"v(-?[\d.]+)", paths["fill"])]
    assert heights == [13, 26, -4]
    assert (
        paths["blank"].count("M") == 1 and numbers(paths["axis"])[0] > numbers(paths["blank"])[0] == charts.CHART_EDGE
    )


def test_themes_lie_right_of_the_middle_where_the_risk_is_higher() -> None:
    effects = [("Rights", 1.0), ("Arms", -0.5)]
    themes = [{"theme": name, "effect": {"logodds": size, "odds": "1", "words": ""}} for name, size in effects]
    widths = {
        path["look"]: float(path["d"].split("h")[1].split("v")[0])
        for path in charts.draw_themes_chart(themes)["paths"][:2]
    }
    assert widths["up"] > 0 > widths["down"] == pytest.approx(-widths["up"] / 2)


def test_nothing_drawn_leaves_the_canvas() -> None:
    rows = [forecast(year, share) for year, share in zip(range(2000, 2022), [0.1, 0.9] * 11, strict=True)]
    drawing = charts.draw_forecasts_chart(rows, line("now", 0.99, 0.98, 1.0), 2025, 0.25)
    for text in drawing["texts"]:
        assert 0 <= float(text["x"]) <= charts.CHART_WIDTH and 0 < float(text["y"]) <= drawing["height"]


def test_bars_lie_on_one_scale_with_what_was_before_in_outline() -> None:
    lines = [
        {"name": "A name too long to stand on one line of a chart", "said": "4 (+2)", "value": 4.0, "before": 2.0},
        {"name": "Other", "said": "1", "value": 1.0, "before": None},
    ]
    drawing = charts.draw_bar_chart("Invented", lines)
    assert looks(drawing) == ["fill", "ring", "fill"]
    widths = [numbers(path["d"])[2] for path in drawing["paths"]]
    assert widths == [344, 172, 86]
    assert [text["text"] for text in drawing["texts"]][:2] == ["A name too long to stand on one", "line of a chart"]
    assert charts.draw_bar_chart("Nothing", [])["paths"] == []
