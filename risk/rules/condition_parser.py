"""The grammar of a condition: parse it into a tree, or raise one line on the first invalid token.

SQL allows more than a condition should: comments that hide half of it, aliases, ordering of texts.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate
from typing import Literal

import polars as pl

ValueKind = Literal["number", "text", "flag"]
KINDS: dict[ValueKind, str] = {"number": "a number", "text": "a word", "flag": "true or false"}
TOKEN_PATTERN = re.compile(
    r"(?P<note>--|/\*|\*/)|[0-9]+(?:\.[0-9]+)?(?![\w.])|'[\w\s.,()<>=!+*/-]*'|[A-Za-z_]\w*|<=|>=|<>|!=|[=<>()+\-*/,]|(?P<other>\S)"
)
COMPARISON_OPERATORS = {"=": "==", "<>": "!=", "!=": "!=", "<": "<", "<=": "<=", ">": ">", ">=": ">="}
ALLOWED_FUNCTIONS = ("ABS", "ROUND")
KEYWORDS = ("AND", "OR", "NOT", "IN", "BETWEEN", *ALLOWED_FUNCTIONS)
# Each level of parentheses takes several calls; SQL itself refuses more than this.
DEEPEST = 50
# Size of the parse cache: rules share conditions, and each is parsed again for every line of evidence.
KEPT = 4096


@dataclass(frozen=True)
class ConditionNode:
    """One node of a condition's tree: its token and its operands."""

    word: str
    parts: tuple["ConditionNode", ...] = ()


class Column(ConditionNode):
    """The value of a column."""


class Value(ConditionNode):
    """A number or a quoted text."""

    @property
    def value(self) -> float | str:
        """The text without its quotes, or the number: an integer if it has no decimal point."""
        return self.word[1:-1] if self.word[0] == "'" else float(self.word) if "." in self.word else int(self.word)


class Arithmetic(ConditionNode):
    """A number computed from one or two others: + - * / or a function."""


class Comparison(ConditionNode):
    """Two values compared by one of COMPARISON_OPERATORS."""


class Between(ConditionNode):
    """Whether a number is between two others, both included."""


class Membership(ConditionNode):
    """Whether the first value is one of the others."""


class Logic(ConditionNode):
    """Booleans combined by AND or OR, or one negated by NOT."""


def split_tokens(condition: str) -> list[str]:
    """Split a condition into words, values and operators; ValueError if it contains anything else."""
    tokens = list(TOKEN_PATTERN.finditer(condition))
    for token in tokens:
        if token["other"]:
            raise ValueError(f"contains a character that a condition may not use: {token['other']!r}")
        if token["note"]:
            raise ValueError(
                f"contains {token['note']!r}, which starts a comment: put comments after # in the YAML file"
            )
    return [token.group() for token in tokens]


@lru_cache(KEPT)
def parse_condition(condition: str) -> ConditionNode:
    """Parse one condition into a tree; ValueError names the first invalid token."""
    tokens = split_tokens(condition)
    if max(accumulate((token == "(") - (token == ")") for token in tokens), default=0) > DEEPEST:
        raise ValueError(f"has more than {DEEPEST} nested parentheses")
    reader = _ConditionParser(tokens)
    tree = reader.parse_or()
    if reader.word:
        raise ValueError(f"has {reader.word!r} where it should end")
    return tree


def walk_tree(node: ConditionNode) -> Iterator[ConditionNode]:
    """Yield every node of a tree, parents first."""
    yield node
    for part in node.parts:
        yield from walk_tree(part)


def list_columns(node: ConditionNode) -> list[str]:
    """List the columns that a condition reads, in alphabetical order."""
    return sorted({step.word for step in walk_tree(node) if isinstance(step, Column)})


def check_kinds(node: ConditionNode, schema: pl.Schema) -> ValueKind:
    """Return the kind of value a node gives; ValueError names the first operand of the wrong kind."""
    kinds = [check_kinds(part, schema) for part in node.parts]
    if isinstance(node, Value):
        return "text" if isinstance(node.value, str) else "number"
    if isinstance(node, Column):
        return "flag" if schema[node.word] == pl.Boolean else "text" if schema[node.word] == pl.String else "number"
    compares = isinstance(node, Comparison | Membership)
    wanted = kinds[0] if compares else "flag" if isinstance(node, Logic) else "number"
    for part, kind in zip(node.parts, kinds, strict=True):
        if compares and kind == "flag":
            raise ValueError(f"compares {part.word!r}, which is true or false: write it alone or after NOT")
        if kind != wanted:
            raise ValueError(f"has {part.word!r}, which is {KINDS[kind]}, where {KINDS[wanted]} is needed")
    match node:
        case Comparison("<" | "<=" | ">" | ">=") if wanted == "text":
            raise ValueError(f"compares words with {node.word!r}, which needs numbers: list the words with IN")
        case Between(_, (_, Value() as low, Value() as high)) if float(low.value) > float(high.value):
            raise ValueError(f"has the ends of BETWEEN reversed: {low.word} comes after {high.word}")
    return "number" if isinstance(node, Arithmetic) else "flag"


class _ConditionParser:
    """A recursive-descent parser: each method reads one precedence level, loosest binding first."""

    def __init__(self, tokens: list[str]) -> None:
        self.tokens, self.place = tokens, 0

    @property
    def word(self) -> str:
        return self.tokens[self.place] if self.place < len(self.tokens) else ""

    def take_word(self, *words: str) -> str:
        """Consume the next token if it is one of these words."""
        if self.word not in words:
            return ""
        self.place += 1
        return self.tokens[self.place - 1]

    def require_word(self, word: str) -> None:
        if not self.take_word(word):
            raise ValueError(f"needs {word!r} {f'before {self.word!r}' if self.word else 'at its end'}")

    def read_chain(self, inner: Callable[[], ConditionNode], kind: type[ConditionNode], *words: str) -> ConditionNode:
        node = inner()
        while word := self.take_word(*words):
            node = kind(word, (node, inner()))
        return node

    def parse_or(self) -> ConditionNode:
        return self.read_chain(lambda: self.read_chain(self.parse_not, Logic, "AND"), Logic, "OR")

    def parse_not(self) -> ConditionNode:
        if word := self.take_word("NOT"):
            return Logic(word, (self.parse_not(),))
        return self.parse_comparison()

    def parse_comparison(self) -> ConditionNode:
        left = self.parse_sum()
        if word := self.take_word(*COMPARISON_OPERATORS):
            return Comparison(word, (left, self.parse_sum()))
        refused = self.take_word("NOT")
        if word := self.take_word("BETWEEN"):
            low = self.parse_sum()
            self.require_word("AND")
            node: ConditionNode = Between(word, (left, low, self.parse_sum()))
        elif word := self.take_word("IN"):
            self.require_word("(")
            parts = [left, self.parse_sum()]
            while self.take_word(","):
                parts.append(self.parse_sum())
            self.require_word(")")
            node = Membership(word, tuple(parts))
        elif refused:
            raise ValueError("has NOT between two values")
        else:
            return left
        return Logic(refused, (node,)) if refused else node

    def parse_sum(self) -> ConditionNode:
        return self.read_chain(lambda: self.read_chain(self.parse_factor, Arithmetic, "*", "/"), Arithmetic, "+", "-")

    def parse_factor(self) -> ConditionNode:
        if word := self.take_word("-", *ALLOWED_FUNCTIONS):
            return Arithmetic(word, (self.parse_factor(),))
        if self.take_word("("):
            node = self.parse_or()
            self.require_word(")")
            return node
        word = self.word
        self.place += 1
        if word[:1] == "'" or word.isdecimal() or "." in word:
            return Value(word)
        if word.isidentifier() and word not in KEYWORDS:
            return Column(word)
        raise ValueError(f"has {word!r} where a value is needed" if word else "cannot be evaluated: it ends too early")
