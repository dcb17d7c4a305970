"""The inputs and outputs of charts: plain paths and texts that templates write as SVG."""

from typing import NotRequired, TypedDict


class DrawnPath(TypedDict):
    """An SVG path and its look, a class of the style sheet."""

    d: str
    look: str


class DrawnText(TypedDict):
    """A text and its position, in the drawing's units."""

    x: str
    y: str
    text: str
    look: str
    anchor: str


class Drawing(TypedDict):
    """A chart: its title, its description, its size in pixels and its marks."""

    title: str
    desc: str
    width: int
    height: int
    paths: list[DrawnPath]
    texts: list[DrawnText]


class Flow(TypedDict):
    """A series by year: values in its own unit (None if not covered), the same in words, and its highest year."""

    label: str
    values: list[float | None]
    words: list[str]
    told: str
    top: str | None


class Flows(TypedDict):
    """Series over the same years."""

    years: list[int]
    series: list[Flow]


class Bar(TypedDict):
    """A bar: name, said (the value in words), value, and the value before, if any."""

    name: str
    said: str
    value: float
    before: NotRequired[float | None]
