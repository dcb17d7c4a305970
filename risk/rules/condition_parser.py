"""The grammar of a condition: what it may say, read into a tree, or one line on the first word that does not fit.

SQL allows more than a condition should: notes that hide half of it, names given to an answer, words put in order.
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
# Each level of brackets takes several calls; SQL itself refuses more than this.
DEEPEST = 50
# Trees that are remembered: rules share conditions, and each is asked for once a line of evidence.
KEPT = 4096


@dataclass(frozen=True)
class ConditionNode:
    """One step of a condition: the word it is written with, and the steps it works on."""

    word: str
    parts: tuple["ConditionNode", ...] = ()


class Column(ConditionNode):
    """The value of a column."""


class Value(ConditionNode):
    """A number, or a text in quotes."""

    @property
    def value(self) -> float | str:
        """The text without its quotes, or the number: a whole one where it has no point."""
        return self.word[1:-1] if self.word[0] == "'" else float(self.word) if "." in self.word else int(self.word)


class Arithmetic(ConditionNode):
    """A number made of one or two others: + - * / or a function."""


class Comparison(ConditionNode):
    """Two values compared by one of COMPARISONS."""


class Between(ConditionNode):
    """Whether a number lies between two others, ends included."""


class Membership(ConditionNode):
    """Whether the first value is one of the others."""


class Logic(ConditionNode):
    """Answers joined by AND or OR, or one turned round by NOT."""


def split_tokens(atom: str) -> list[str]:
    """The words, values and signs of a condition; ValueError where it holds anything else."""
    tokens = list(TOKEN_PATTERN.finditer(atom))
    for token in tokens:
        if token["other"]:
            raise ValueError(f"holds a character that a condition may not use: {token['other']!r}")
        if token["note"]:
            raise ValueError(f"holds {token['note']!r}, which hides part of it: write a note after # in the file")
    return [token.group() for token in tokens]


@lru_cache(KEPT)
def parse_condition(atom: str) -> ConditionNode:
    """The tree of one condition; ValueError names the first word that does not fit."""
    tokens = split_tokens(atom)
    if max(accumulate((token == "(") - (token == ")") for token in tokens), default=0) > DEEPEST:
        raise ValueError(f"has more than {DEEPEST} brackets within each other")
    reader = _ConditionParser(tokens)
    tree = reader.parse_or()
    if reader.word:
        raise ValueError(f"has {reader.word!r} where it should end")
    return tree


def walk_tree(node: ConditionNode) -> Iterator[ConditionNode]:
    """Every step of a condition, in the order in which it is written."""
    yield node
    for part in node.parts:
        yield from walk_tree(part)


def list_columns(node: ConditionNode) -> list[str]:
    """The columns that a condition reads, in alphabetical order."""
    return sorted({step.word for step in walk_tree(node) if isinstance(step, Column)})


def check_kinds(node: ConditionNode, schema: pl.Schema) -> ValueKind:
    """What a step gives over these columns; ValueError names the first part that is not of the kind it has to be."""
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
            raise ValueError(f"puts words in order with {node.word!r}: words have none, list them with IN")
        case Between(_, (_, Value() as low, Value() as high)) if float(low.value) > float(high.value):
            raise ValueError(f"has the ends of BETWEEN reversed: {low.word} comes after {high.word}")
    return "number" if isinstance(node, Arithmetic) else "flag"


class _ConditionParser:
    """Reads tokens from the left; each method reads one level, those that bind least first."""

    def __init__(self, tokens: list[str]) -> None:
        self.tokens, self.place = tokens, 0

    @property
    def word(self) -> str:
        return self.tokens[self.place] if self.place < len(self.tokens) else ""

    def take_word(self, *words: str) -> str:
        """Step over the next token if it is one of these."""
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
