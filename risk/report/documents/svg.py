"""Renders a chart's paths and texts as standalone SVG, in the looks of the style sheet."""

from collections.abc import Iterator
from xml.sax.saxutils import escape

from risk.report.contracts.chart import Drawing, DrawnText
from risk.report.documents.blocks import Chart

CHART_FONT = "Libertinus Serif"
INK, GRAY, LIGHT, BLUE, NAVY = "#1b1b1b", "#3d4551", "#8d9297", "#005ea2", "#162e51"
PATH_LOOKS = {
    "axis": f'fill="none" stroke="{LIGHT}"',
    "blank": f'fill="none" stroke="{LIGHT}" stroke-width="1.5" stroke-dasharray="1 3"',
    "base": f'fill="none" stroke="{GRAY}" stroke-dasharray="5 3"',
    "interval": f'fill="none" stroke="{BLUE}" stroke-width="4" stroke-linecap="round"',
    "band": 'fill="#cfe4f5"',
    "track": f'fill="none" stroke="{BLUE}" stroke-width="2"',
    "mark": f'fill="{NAVY}"',
    "ring": f'fill="#fff" stroke="{NAVY}" stroke-width="1.5"',
    "fill": f'fill="{BLUE}"',
    "up": 'fill="#b50909"',
    "down": 'fill="#fff" stroke="#00687d" stroke-width="1.5"',
}
TEXT_LOOKS = {"": "", "strong": ' font-weight="700"', "small": f' font-size="11.5" fill="{GRAY}"'}


def build_chart_block(drawing: Drawing | None) -> Iterator[Chart]:
    """Yield a drawing of risk.report.charts as a block, or nothing for None; an unknown look is a KeyError."""
    if drawing:
        yield Chart(drawing["title"], drawing["desc"], _render_chart_svg(drawing))


def _render_chart_svg(drawing: Drawing) -> str:
    width, height = drawing["width"], drawing["height"]
    paths = "".join(f'<path d="{path["d"]}" {PATH_LOOKS[path["look"]]}/>' for path in drawing["paths"])
    texts = "".join(map(_render_svg_text, drawing["texts"]))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}">'
        f'{paths}<g font-family="{CHART_FONT}" font-size="12.5" fill="{INK}">{texts}</g></svg>'
    )


def _render_svg_text(text: DrawnText) -> str:
    position = f'x="{text["x"]}" y="{text["y"]}" text-anchor="{text["anchor"]}"'
    return f"<text {position}{TEXT_LOOKS[text['look']]}>{escape(text['text'])}</text>"
