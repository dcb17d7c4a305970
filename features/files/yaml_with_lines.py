"""YAML read with the line on which each value stands, so that a refusal can name it."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from features.bad_input import BadInput

MOST_BYTES, MOST_DEEP = 1_000_000, 12
# Longer numbers mean nothing here, and end in errors of Python's own where they are compared or shown.
LONGEST_NUMBER = 40
NUMBERS = ("tag:yaml.org,2002:int", "tag:yaml.org,2002:float")
Place = tuple[int | str, ...]
Model = TypeVar("Model", bound=BaseModel)


@dataclass(frozen=True)
class MarkedYaml:
    """The content of one YAML file, and the line (from 1) of every value in it."""

    name: str
    content: Any
    lines: Mapping[Place, int]

    def line(self, place: Place) -> int:
        """The line of the value at a place, or of the nearest value around it."""
        while place and place not in self.lines:
            place = place[:-1]
        return self.lines.get(place, 1)

    def refusal(self, place: Place, what: str) -> BadInput:
        """The error for the value at a place: file, line, the id of the entry, and what is wrong with it."""
        inside = isinstance(self.content, list) and bool(place)
        entry: Any = self.content[place[0]] if inside else self.content
        entry_id = entry.get("id") if isinstance(entry, dict) else None
        return BadInput(f"{self.name}, {f'{entry_id}, ' if entry_id else ''}line {self.line(place)}: {what}")

    def entries(self) -> list[Any]:
        """The entries of a file that holds a list."""
        if not isinstance(self.content, list):
            raise self.refusal((), f"expected a list of entries, each after a hyphen, got {_short(self.content)}")
        return self.content

    def validate(self, model: type[Model], place: Place = ()) -> Model:
        """The value at a place as a model; the first thing that does not fit is refused with its line."""
        value = self.content
        for step in place:
            value = value[step]
        if not isinstance(value, dict):
            raise self.refusal(place, f"expected keys with their values, got {_short(value)}")
        try:
            return model.model_validate(value)
        except ValidationError as error:
            # A misspelt key is told rather than the key it leaves missing.
            first = min(error.errors(), key=lambda one: one["type"] != "extra_forbidden")
            raise self.refusal(place + tuple(first["loc"]), _told(first)) from None


class _DatesAsText(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
    """Leaves dates as text, so that an impossible one is refused with its line when the entry is checked."""

    yaml_implicit_resolvers = {
        start: [(tag, pattern) for tag, pattern in resolvers if not tag.endswith(":timestamp")]
        for start, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }


def read_marked(path: Path) -> MarkedYaml:
    """Read one YAML file; what cannot be read, is not plain or gives a key twice is refused with file and line."""
    return parse_marked(read_small_file(path), path.name)


def read_small_file(path: Path) -> bytes:
    """The content of a file that is one, and not too large for what people write by hand."""
    if not path.is_file():
        raise BadInput(f"{path.name}: {'not a file' if path.exists() else 'there is no such file'}")
    if path.stat().st_size > MOST_BYTES:
        raise BadInput(f"{path.name}: larger than {MOST_BYTES:,} bytes, which no file of a rulebook is")
    try:
        return path.read_bytes()
    except OSError as error:
        raise BadInput(f"{path.name}: cannot be read: {error.strerror}") from None


def parse_marked(content: bytes, name: str, deepest: int = MOST_DEEP) -> MarkedYaml:
    """The value of a file's content, refused as `read_marked` does under the name given."""
    if len(content) > MOST_BYTES:
        raise BadInput(f"{name}: {len(content):,} bytes, at most {MOST_BYTES:,} are read")
    try:
        builder = _Builder(_DatesAsText(content.decode("utf-8-sig")), name, deepest)
        return MarkedYaml(name, builder.build_document(), builder.lines)
    except BadInput:
        raise
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise BadInput(f"{name}, line {line}: not readable as YAML: {error.problem}") from None
    except (yaml.YAMLError, ValueError) as error:
        raise BadInput(f"{name}: cannot be read: {' '.join(str(error).split())}") from None


class _Builder:
    """Values made of the parser's events in one pass: depth without end, tags, and an alias of more than one value
    are refused before anything is built from them."""

    def __init__(self, loader: Any, name: str, deepest: int) -> None:
        self.loader, self.name, self.deepest = loader, name, deepest
        self.lines: dict[Place, int] = {}
        # The value of each anchor that names a single one.
        self.anchors: dict[str, list[Any]] = {}

    def build_document(self) -> Any:
        """The only document of a file; none in an empty one."""
        self.loader.get_event()
        event = self.loader.get_event()
        if isinstance(event, yaml.StreamEndEvent):
            return None
        event = self.loader.get_event()
        self.lines[()] = event.start_mark.line + 1
        value = self.build_value(event, ())
        self.loader.get_event()
        event = self.loader.get_event()
        if not isinstance(event, yaml.StreamEndEvent):
            raise self.refusal(event, "not readable as YAML: but found another document")
        return value

    def build_value(self, event: Any, place: Place) -> Any:
        """The value that starts with an event, and the lines of all within it."""
        if isinstance(event, yaml.AliasEvent):
            if not (single := self.anchors.get(str(event.anchor))):
                what = f"*{event.anchor} repeats no single value above: lists and mappings are written out"
                raise self.refusal(event, what)
            return single[0]
        if event.tag:
            raise self.refusal(event, f"{event.tag!r} gives a value a type: write the value alone")
        if event.anchor in self.anchors:
            raise self.refusal(event, f"the anchor &{event.anchor} is given twice")
        if isinstance(event, yaml.ScalarEvent):
            value = self.build_single(event)
            if event.anchor:
                self.anchors[event.anchor] = [value]
            return value
        if event.anchor:
            self.anchors[event.anchor] = []
        if len(place) >= self.deepest:
            raise self.refusal(event, f"nested more than {self.deepest} levels deep")
        return self.build_list(place) if isinstance(event, yaml.SequenceStartEvent) else self.build_mapping(place)

    def build_single(self, event: Any) -> Any:
        if not event.implicit[0] or event.value[:1] not in self.loader.yaml_implicit_resolvers:
            return event.value
        tag = self.loader.resolve(yaml.ScalarNode, event.value, event.implicit)
        if tag in NUMBERS and len(event.value) > LONGEST_NUMBER:
            raise self.refusal(event, f"a number of more than {LONGEST_NUMBER} characters")
        return self.loader.construct_object(yaml.ScalarNode(tag, event.value, event.start_mark, event.end_mark))

    def build_list(self, place: Place) -> list[Any]:
        made: list[Any] = []
        while not isinstance(event := self.loader.get_event(), yaml.SequenceEndEvent):
            here = (*place, len(made))
            self.lines[here] = event.start_mark.line + 1
            made.append(self.build_value(event, here))
        return made

    def build_mapping(self, place: Place) -> dict[str, Any]:
        made: dict[str, Any] = {}
        while not isinstance(event := self.loader.get_event(), yaml.MappingEndEvent):
            merges = getattr(event, "value", None) == "<<"
            key = None if merges or isinstance(event, yaml.CollectionStartEvent) else self.build_value(event, place)
            if not isinstance(key, str) or key in ("", "<<"):
                raise self.refusal(event, "a key must be a word")
            if key in made:
                raise self.refusal(event, f"the key {key!r} is given twice")
            here = (*place, key)
            self.lines[here] = event.start_mark.line + 1
            made[key] = self.build_value(self.loader.get_event(), here)
        return made

    def refusal(self, event: Any, what: str) -> BadInput:
        return BadInput(f"{self.name}, line {event.start_mark.line + 1 if event.start_mark else 1}: {what}")


def _told(error: ErrorDetails) -> str:
    if error["type"] == "value_error":
        return error["msg"].removeprefix("Value error, ")
    field = ".".join(str(step) for step in error["loc"])
    if error["type"] == "extra_forbidden":
        return f"unknown key {field!r}"
    if error["type"] == "missing":
        return f"the key {field!r} is missing"
    wanted = error["msg"]
    return f"{field}: {wanted[:1].lower()}{wanted[1:]}, got {_short(error['input'])}"


def _short(value: object) -> str:
    text = "nothing" if value is None else repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."
