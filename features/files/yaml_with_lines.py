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

    path: Path
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
        name = entry.get("id") if isinstance(entry, dict) else None
        return BadInput(f"{self.path.name}, {f'{name}, ' if name else ''}line {self.line(place)}: {what}")

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
    lines: dict[Place, int] = {}
    try:
        loader = _DatesAsText(_text(path))
        root = loader.get_single_node()
        if root is not None:
            _mark(root, (), lines, path)
        content = loader.construct_document(root) if root is not None else None
    except BadInput:
        raise
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise BadInput(f"{path.name}, line {line}: not readable as YAML: {error.problem}") from None
    except (OSError, UnicodeDecodeError, yaml.YAMLError, ValueError) as error:
        why = error.strerror if isinstance(error, OSError) else str(error)
        raise BadInput(f"{path.name}: cannot be read: {' '.join(str(why).split())}") from None
    return MarkedYaml(path, content, lines)


def _text(path: Path) -> str:
    """The text of a file that is short, and plain YAML."""
    if not path.is_file():
        raise BadInput(f"{path.name}: {'not a file' if path.exists() else 'there is no such file'}")
    if path.stat().st_size > MOST_BYTES:
        raise BadInput(f"{path.name}: larger than {MOST_BYTES:,} bytes, which no file of a rulebook is")
    text = path.read_text(encoding="utf-8")
    _only_plain(text, path)
    return text


def _only_plain(text: str, path: Path) -> None:
    """Refuse depth without end, tags, and an alias of more than one value, before anything is built from them."""
    depth, single = 0, set[str]()
    for event in yaml.parse(text, Loader=_DatesAsText):
        fault = None
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > MOST_DEEP:
            fault = f"nested more than {MOST_DEEP} levels deep"
        elif isinstance(event, yaml.ScalarEvent) and event.anchor:
            single.add(event.anchor)
        elif isinstance(event, yaml.AliasEvent) and event.anchor not in single:
            fault = f"*{event.anchor} repeats no single value above: lists and mappings are written out"
        if isinstance(event, yaml.ScalarEvent | yaml.CollectionStartEvent) and event.tag:
            fault = f"{event.tag!r} gives a value a type: write the value alone"
        if fault:
            line = event.start_mark.line + 1 if event.start_mark else 1
            raise BadInput(f"{path.name}, line {line}: {fault}")


def _mark(node: yaml.Node, place: Place, lines: dict[Place, int], path: Path) -> None:
    lines[place] = node.start_mark.line + 1
    if node.tag in NUMBERS and len(node.value) > LONGEST_NUMBER:
        raise BadInput(f"{path.name}, line {lines[place]}: a number of more than {LONGEST_NUMBER} characters")
    if isinstance(node, yaml.SequenceNode):
        for position, child in enumerate(node.value):
            _mark(child, (*place, position), lines, path)
    elif isinstance(node, yaml.MappingNode):
        for key, child in node.value:
            inner = (*place, key.value if isinstance(key, yaml.ScalarNode) else "")
            line = key.start_mark.line + 1
            if inner[-1] in ("", "<<") or key.tag != "tag:yaml.org,2002:str":
                raise BadInput(f"{path.name}, line {line}: a key must be a word")
            if inner in lines:
                raise BadInput(f"{path.name}, line {line}: the key {key.value!r} is given twice")
            _mark(child, inner, lines, path)
            lines[inner] = line


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
