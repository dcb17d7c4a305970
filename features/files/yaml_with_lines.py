"""YAML read with the line number of each value, so that error messages can name it."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from features.bad_input import BadInput

MOST_BYTES, MOST_DEEP = 1_000_000, 12
# Longer numbers have no meaning here, and Python raises its own errors when they are compared or shown.
LONGEST_NUMBER = 40
NUMBERS = ("tag:yaml.org,2002:int", "tag:yaml.org,2002:float")
Place = tuple[int | str, ...]
Model = TypeVar("Model", bound=BaseModel)


@dataclass(frozen=True)
class MarkedYaml:
    """The content of one YAML file, and the line number (from 1) of each value."""

    name: str
    content: Any
    lines: Mapping[Place, int]

    def line(self, location: Place) -> int:
        """The line number of the value at a location, or of the nearest enclosing value."""
        while location and location not in self.lines:
            location = location[:-1]
        return self.lines.get(location, 1)

    def refusal(self, location: Place, problem: str) -> BadInput:
        """The error for the value at a location: file, id of the entry, line number and problem."""
        inside = isinstance(self.content, list) and bool(location)
        entry: Any = self.content[location[0]] if inside else self.content
        entry_id = entry.get("id") if isinstance(entry, dict) else None
        return BadInput(f"{self.name}, {f'{entry_id}, ' if entry_id else ''}line {self.line(location)}: {problem}")

    def entries(self) -> list[Any]:
        """The entries of a file whose content is a list."""
        if not isinstance(self.content, list):
            found = _shorten_value(self.content)
            raise self.refusal((), f"expected a list of entries, each after a hyphen, got {found}")
        return self.content

    def validate(self, model: type[Model], location: Place = ()) -> Model:
        """The value at a location as a model; the first invalid field is refused with its line number."""
        value = self.content
        for step in location:
            value = value[step]
        if not isinstance(value, dict):
            raise self.refusal(location, f"expected keys with their values, got {_shorten_value(value)}")
        try:
            return model.model_validate(value)
        except ValidationError as error:
            # A misspelled key is reported before the key that it leaves missing.
            first = min(error.errors(), key=lambda details: details["type"] != "extra_forbidden")
            raise self.refusal(location + tuple(first["loc"]), _describe_error(first)) from None


class _DatesAsText(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
    """Keeps dates as text, so that an invalid date is refused with its line number when the entry is checked."""

    yaml_implicit_resolvers = {
        start: [(tag, pattern) for tag, pattern in resolvers if not tag.endswith(":timestamp")]
        for start, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }


def read_marked(path: Path) -> MarkedYaml:
    """Read one YAML file; unreadable content, tags and duplicate keys are refused with file and line number."""
    return parse_marked(read_small_file(path), path.name)


def read_small_file(path: Path) -> bytes:
    """The content of a file, refused if missing, not a file, unreadable or larger than MOST_BYTES."""
    if not path.is_file():
        raise BadInput(f"{path.name}: {'not a file' if path.exists() else 'there is no such file'}")
    if path.stat().st_size > MOST_BYTES:
        raise BadInput(f"{path.name}: larger than {MOST_BYTES:,} bytes")
    try:
        return path.read_bytes()
    except OSError as error:
        raise BadInput(f"{path.name}: cannot be read: {error.strerror}") from None


def parse_marked(content: bytes, name: str, deepest: int = MOST_DEEP) -> MarkedYaml:
    """The parsed content of a file, with the refusals of `read_marked` under `name`."""
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
    """Builds values from the parser's events in one pass, and refuses excessive depth, tags and aliases of lists or
    mappings before it builds anything from them."""

    def __init__(self, loader: Any, name: str, deepest: int) -> None:
        self.loader, self.name, self.deepest = loader, name, deepest
        self.lines: dict[Place, int] = {}
        # The value of each anchor on a scalar, in a list of one; empty for anchors on lists and mappings.
        self.anchors: dict[str, list[Any]] = {}

    def build_document(self) -> Any:
        """The only document of a file; None if the file is empty."""
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
            raise self.refusal(event, "not readable as YAML: found another document")
        return value

    def build_value(self, event: Any, location: Place) -> Any:
        """The value that starts with an event; records the line numbers of all values in it."""
        if isinstance(event, yaml.AliasEvent):
            if not (single := self.anchors.get(str(event.anchor))):
                problem = f"*{event.anchor} does not refer to a single value above; write lists and mappings out"
                raise self.refusal(event, problem)
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
        if len(location) >= self.deepest:
            raise self.refusal(event, f"nested more than {self.deepest} levels deep")
        is_list = isinstance(event, yaml.SequenceStartEvent)
        return self.build_list(location) if is_list else self.build_mapping(location)

    def build_single(self, event: Any) -> Any:
        if not event.implicit[0] or event.value[:1] not in self.loader.yaml_implicit_resolvers:
            return event.value
        tag = self.loader.resolve(yaml.ScalarNode, event.value, event.implicit)
        if tag in NUMBERS and len(event.value) > LONGEST_NUMBER:
            raise self.refusal(event, f"a number of more than {LONGEST_NUMBER} characters")
        return self.loader.construct_object(yaml.ScalarNode(tag, event.value, event.start_mark, event.end_mark))

    def build_list(self, location: Place) -> list[Any]:
        values: list[Any] = []
        while not isinstance(event := self.loader.get_event(), yaml.SequenceEndEvent):
            here = (*location, len(values))
            self.lines[here] = event.start_mark.line + 1
            values.append(self.build_value(event, here))
        return values

    def build_mapping(self, location: Place) -> dict[str, Any]:
        values: dict[str, Any] = {}
        while not isinstance(event := self.loader.get_event(), yaml.MappingEndEvent):
            merges = getattr(event, "value", None) == "<<"
            key = None if merges or isinstance(event, yaml.CollectionStartEvent) else self.build_value(event, location)
            if not isinstance(key, str) or key in ("", "<<"):
                raise self.refusal(event, "a key must be a word")
            if key in values:
                raise self.refusal(event, f"the key {key!r} is given twice")
            here = (*location, key)
            self.lines[here] = event.start_mark.line + 1
            values[key] = self.build_value(self.loader.get_event(), here)
        return values

    def refusal(self, event: Any, problem: str) -> BadInput:
        return BadInput(f"{self.name}, line {event.start_mark.line + 1 if event.start_mark else 1}: {problem}")


def _describe_error(error: ErrorDetails) -> str:
    if error["type"] == "value_error":
        return error["msg"].removeprefix("Value error, ")
    field = ".".join(str(step) for step in error["loc"])
    if error["type"] == "extra_forbidden":
        return f"unknown key {field!r}"
    if error["type"] == "missing":
        return f"the key {field!r} is missing"
    problem = error["msg"]
    return f"{field}: {problem[:1].lower()}{problem[1:]}, got {_shorten_value(error['input'])}"


def _shorten_value(value: object) -> str:
    text = "nothing" if value is None else repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."
