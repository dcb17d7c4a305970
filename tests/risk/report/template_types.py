"""Follows the types of a template's inputs through macros, loops and blocks, and reports which keys it reads."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from types import NoneType, UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints, is_typeddict

from jinja2 import Environment, nodes

# All types a value may have; empty if unknown.
Types = tuple[Any, ...]
SAME_ROWS = {"list", "selectattr", "rejectattr"}


@dataclass(frozen=True)
class Value:
    """A constant."""

    content: Any


@dataclass(frozen=True)
class Getter:
    """The method `get` of a mapping of that type."""

    of: Any


@dataclass(frozen=True)
class Scope:
    """A macro, or the body of a call block, with the names in scope."""

    node: nodes.Macro | nodes.CallBlock
    names: dict[str, Types] = field(hash=False, compare=False)
    template: str


@dataclass(frozen=True)
class Library:
    """An imported template."""

    names: dict[str, Types] = field(hash=False, compare=False)


@dataclass
class Reading:
    """What templates read: keys by type, keys missing from their type, and attributes of values of unknown type."""

    keys: set[tuple[Any, str]] = field(default_factory=set)
    lacking: list[str] = field(default_factory=list)
    followed: set[tuple[str, int, str]] = field(default_factory=set)


@cache
def parse_template(environment: Environment, template: str) -> nodes.Template:
    """Parse a template of the environment into its syntax tree."""
    assert environment.loader is not None
    return environment.parse(environment.loader.get_source(environment, template)[0])


class Follower:
    """Follows one template and all templates it extends or imports."""

    def __init__(self, environment: Environment) -> None:
        self.environment, self.read = environment, Reading()
        self._hints: dict[Any, dict[str, Any]] = {}
        self._template = ""

    def follow(self, template: str, given: Mapping[str, Any]) -> Reading:
        """Return what a template reads if it gets values of these types by name."""
        self._body(template, {name: _options(kind) for name, kind in given.items()})
        return self.read

    def _body(self, template: str, names: dict[str, Types]) -> None:
        self._in(template, parse_template(self.environment, template).body, names)

    def _in(self, template: str, body: Sequence[nodes.Node], names: dict[str, Types]) -> None:
        outer, self._template = self._template, template
        for node in body:
            self._step(node, names)
        self._template = outer

    def _step(self, node: nodes.Node, names: dict[str, Types]) -> None:
        match node:
            case nodes.Extends(template=nodes.Const(value=parent)):
                self._body(parent, names)
            case nodes.Import(template=nodes.Const(value=other), target=target):
                names[target] = (Library(self._library(other)),)
            case nodes.FromImport(template=nodes.Const(value=other), names=wanted):
                library = self._library(other)
                names |= {name: library[name] for name in wanted if isinstance(name, str)}
            case nodes.Macro(name=name):
                names[name] = (Scope(node, names, self._template),)
            case nodes.Assign(target=target, node=value):
                self._bind(target, self._types(value, names), names)
            case nodes.For():
                self._loop(node, names)
            case nodes.CallBlock(call=call):
                self._types(call, names | {"caller": (Scope(node, dict(names), self._template),)})
            case nodes.Include():
                pass
            case nodes.Block(body=body):
                self._in(self._template, body, dict(names))
            case nodes.Expr():
                self._types(node, names)
            case _:
                for child in node.iter_child_nodes():
                    self._step(child, names)

    def _library(self, template: str) -> dict[str, Types]:
        names: dict[str, Types] = {}
        self._body(template, names)
        return names

    def _loop(self, node: nodes.For, names: dict[str, Types]) -> None:
        inner = dict(names)
        self._bind(node.target, _rows(self._types(node.iter, names)), inner)
        for part in filter(None, (node.test, *node.body)):
            self._step(part, inner)
        self._in(self._template, node.else_, dict(names))

    def _bind(self, target: nodes.Node, types: Types, names: dict[str, Types]) -> None:
        if isinstance(target, nodes.Name):
            names[target.name] = types
        elif isinstance(target, nodes.Tuple):
            for place, item in enumerate(target.items):
                parts = [get_args(kind) for kind in types if get_origin(kind) is tuple]
                self._bind(item, tuple(part[place] for part in parts), names)

    def _types(self, node: nodes.Node, names: dict[str, Types]) -> Types:
        match node:
            case nodes.Name(name=name):
                return names.get(name, ())
            case nodes.Const(value=value):
                return (Value(value),)
            case nodes.Getattr(node=of, attr=attribute):
                return self._attribute(node, self._types(of, names), attribute)
            case nodes.Getitem(node=of, arg=arg):
                return self._items(node, self._types(of, names), self._types(arg, names))
            case nodes.Call(node=called, args=args, kwargs=kwargs):
                keywords = {one.key: self._types(one.value, names) for one in kwargs}
                given = [self._types(arg, names) for arg in args]
                return self._called(node, self._types(called, names), given, keywords, names)
            case nodes.Filter(node=of, name=name, args=args, kwargs=kwargs) if of is not None:
                asked = [arg.value for arg in args[:1] if name in SAME_ROWS and isinstance(arg, nodes.Const)]
                asked += [one.value.value for one in kwargs if one.key == "attribute"]
                types = self._types(of, names)
                for attribute in asked:
                    self._attribute(node, _rows(types), attribute)
                return types if name in SAME_ROWS else ()
            case nodes.CondExpr(test=test, expr1=one, expr2=other):
                self._types(test, names)
                return self._types(one, names) + (self._types(other, names) if other else ())
            case nodes.Add(left=one, right=other) | nodes.Or(left=one, right=other):
                return self._types(one, names) + self._types(other, names)
            case _:
                for child in node.iter_child_nodes():
                    self._types(child, names)
                return ()

    def _attribute(self, node: nodes.Node, types: Types, attribute: str) -> Types:
        found: Types = ()
        for kind in types:
            if isinstance(kind, Library):
                found += kind.names[attribute]
            elif is_typeddict(kind):
                found += (Getter(kind),) if attribute == "get" else self._key(node, kind, attribute)
            else:
                continue
            self.read.followed.add((self._template, node.lineno, attribute))
        return found

    def _items(self, node: nodes.Node, types: Types, keys: Types) -> Types:
        texts = [key.content for key in keys if isinstance(key, Value) and isinstance(key.content, str)]
        of_key = [self._key(node, kind, key) for kind in types if is_typeddict(kind) for key in texts]
        return tuple(found for part in of_key for found in part) + _rows(types)

    def _key(self, node: nodes.Node, kind: Any, key: str) -> Types:
        hints = self._hints.setdefault(kind, get_type_hints(kind))
        self.read.keys.add((kind, key))
        if key not in hints:
            self.read.lacking.append(f"{self._template}, line {node.lineno}: {kind.__name__} has no {key!r}")
        return _options(hints.get(key, Any))

    def _called(
        self, node: nodes.Node, types: Types, args: list[Types], keywords: dict[str, Types], names: dict[str, Types]
    ) -> Types:
        found: Types = ()
        for called in types:
            if isinstance(called, Getter):
                found += self._items(node, (called.of,), args[0])
            elif isinstance(called, Scope):
                defaults = zip(reversed(called.node.args), reversed(called.node.defaults), strict=False)
                inner = called.names | {one.name: self._types(value, names) for one, value in defaults}
                inner |= dict(zip((one.name for one in called.node.args), args, strict=False)) | keywords
                if isinstance(called.node, nodes.Macro):
                    inner["caller"] = names.get("caller", ())
                self._in(called.template, called.node.body, inner)
        return found


def _options(kind: Any) -> Types:
    """Return the alternatives of a type except None."""
    if get_origin(kind) in (Union, UnionType):
        return tuple(part for part in get_args(kind) if part is not NoneType)
    return (kind,)


def _rows(types: Types) -> Types:
    """Return the element types of these list types."""
    held = [get_args(kind)[0] for kind in types if get_origin(kind) in (list, Sequence)]
    return tuple(option for kind in held for option in _options(kind))


def list_attributes(template: nodes.Template, name: str) -> Iterator[tuple[str, int, str]]:
    """List every attribute that a template reads: template, line, attribute."""
    for node in template.find_all(nodes.Getattr):
        yield name, node.lineno, node.attr
