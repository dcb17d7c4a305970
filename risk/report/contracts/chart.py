"""What charts draw from and what they give: plain paths and texts that templates write as SVG."""

from typing import NotRequired, TypedDict


class DrawnPath(TypedDict):
    """An SVG path and its look, a class of the style sheet."""

    d: str
    look: str


class DrawnText(TypedDict):
    """A text at a place in the drawing's own units."""

    x: str
    y: str
    text: str
    look: str
    anchor: str


class Drawing(TypedDict):
    """A chart: its title, what it shows in words, its size in pixels and its marks."""

    title: str
    desc: str
    width: int
    height: int
    paths: list[DrawnPath]
    texts: list[DrawnText]


class Flow(TypedDict):
    """A series by year: values in its own unit (none: not covered), the same in words, and its highest year."""

    label: str
    values: list[float | None]
    words: list[str]
    told: str
    top: str | None


class Flows(TypedDict):
    """Series that share their years."""

    years: list[int]
    series: list[Flow]


class Bar(TypedDict):
    """A bar: name, said and value, and where there is one, what it was before."""

    name: str
    said: str
    value: float
    before: NotRequired[float | None]
