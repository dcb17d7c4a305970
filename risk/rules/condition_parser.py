"""The grammar of a condition: what it may say, read into a tree, or one line on the first word that does not fit.

SQL allows more than a condition should: notes that hide half of it, names given to an answer, words put in order.
"""

import re
from typing import Literal, NamedTuple

import polars as pl

Kind = Literal["number", "text", "flag"]
TOKEN = re.compile(r"\s*(?:(\d+(?:\.\d+)?)(?![\w.])|('[^']*')|([A-Za-z_]\w*)|(<=|>=|<>|!=|[=<>()+\-*/,]))")
COMPARISONS = {"=": "==", "<>": "!=", "!=": "!=", "<": "<", "<=": "<=", ">": ">", ">=": ">="}
FUNCTIONS = ("ABS", "ROUND")


class Node(NamedTuple):
    """One step of a condition: what it does, what it gives, the word it is written with, and what it works on.

    does: or, and, not, compare, between, in, column, number, text, arithmetic, minus, call.
    """

    does: str
    gives: Kind
    word: str
    parts: tuple["Node", ...] = ()


def parse(atom: str, schema: pl.Schema) -> Node:
    """The tree of one condition; ValueError names the first word that does not fit."""
    reader = _Reader(_tokens(atom), schema)
    tree = reader.either()
    if reader.word:
        raise ValueError(f"has {reader.word!r} where it should end")
    return reader.wanted(tree, "flag")


def _tokens(atom: str) -> list[str]:
    for note in ("--", "/*", "*/"):
        if note in re.sub(r"'[^']*'", "", atom):
            raise ValueError(f"holds {note!r}, which hides part of it: write a note after # in the file")
    found, place = [], 0
    while atom[place:].strip():
        token = TOKEN.match(atom, place)
        if token is None:
            raise ValueError(f"cannot be read from {atom[place:].strip()!r} on")
        found.append(token.group().strip())
        place = token.end()
    return found


class _Reader:
    """Reads tokens from the left; each method reads one level, those that bind least first."""

    def __init__(self, tokens: list[str], schema: pl.Schema) -> None:
        self.tokens, self.schema, self.place = tokens, schema, 0

    @property
    def word(self) -> str:
        return self.tokens[self.place] if self.place < len(self.tokens) else ""

    def take(self, *words: str) -> str:
        """Step over the next token if it is one of these."""
        found = self.word
        if not found or found not in words:
            return ""
        self.place += 1
        return found

    def need(self, word: str) -> None:
        if not self.take(word):
            raise ValueError(f"needs {word!r} {f'before {self.word!r}' if self.word else 'at its end'}")

    def wanted(self, node: Node, kind: Kind) -> Node:
        if node.gives != kind:
            is_, asked = (
                {"number": "a number", "text": "a word", "flag": "true or false"}[one] for one in (node.gives, kind)
            )
            raise ValueError(f"has {node.word!r}, which is {is_}, where {asked} is needed")
        return node

    def either(self) -> Node:
        node = self.both()
        while word := self.take("OR"):
            node = Node("or", "flag", word, (self.wanted(node, "flag"), self.wanted(self.both(), "flag")))
        return node

    def both(self) -> Node:
        node = self.negated()
        while word := self.take("AND"):
            node = Node("and", "flag", word, (self.wanted(node, "flag"), self.wanted(self.negated(), "flag")))
        return node

    def negated(self) -> Node:
        if word := self.take("NOT"):
            return Node("not", "flag", word, (self.wanted(self.negated(), "flag"),))
        return self.compared()

    def compared(self) -> Node:
        left = self.sum()
        if word := self.take(*COMPARISONS):
            return self._alike(word, left, self.sum())
        refused = self.take("NOT")
        if self.take("BETWEEN"):
            node = self._between(left)
        elif self.take("IN"):
            node = self._one_of(left)
        elif refused:
            raise ValueError("has NOT between two values")
        else:
            return left
        return Node("not", "flag", "NOT", (node,)) if refused else node

    def _alike(self, word: str, left: Node, right: Node) -> Node:
        if "flag" in (left.gives, right.gives):
            raise ValueError(f"compares {word!r} with what is true or false")
        self.wanted(right, left.gives)
        if left.gives == "text" and word not in ("=", "<>", "!="):
            raise ValueError(f"puts words in order with {word!r}: words have none, list them with IN")
        return Node("compare", "flag", word, (left, right))

    def _between(self, left: Node) -> Node:
        low = self.sum()
        self.need("AND")
        parts = tuple(self.wanted(part, "number") for part in (left, low, self.sum()))
        if all(part.does == "number" for part in parts[1:]) and float(parts[1].word) > float(parts[2].word):
            raise ValueError(f"has the ends of BETWEEN reversed: {parts[1].word} comes after {parts[2].word}")
        return Node("between", "flag", "BETWEEN", parts)

    def _one_of(self, left: Node) -> Node:
        self.need("(")
        parts = [left, self.sum()]
        while self.take(","):
            parts.append(self.sum())
        self.need(")")
        if left.gives == "flag":
            raise ValueError("asks IN of what is true or false")
        return Node("in", "flag", "IN", tuple(self.wanted(part, left.gives) for part in parts))

    def sum(self) -> Node:
        node = self.product()
        while word := self.take("+", "-"):
            node = self._arithmetic(word, node, self.product())
        return node

    def product(self) -> Node:
        node = self.single()
        while word := self.take("*", "/"):
            node = self._arithmetic(word, node, self.single())
        return node

    def _arithmetic(self, word: str, left: Node, right: Node) -> Node:
        return Node("arithmetic", "number", word, (self.wanted(left, "number"), self.wanted(right, "number")))

    def single(self) -> Node:
        if word := self.take("-", *FUNCTIONS):
            part = self.wanted(self.single(), "number")
            return Node("minus" if word == "-" else "call", "number", word, (part,))
        if self.take("("):
            node = self.either()
            self.need(")")
            return node
        word = self.word
        self.place += 1
        if word[:1].isdigit():
            return Node("number", "number", word)
        if word[:1] == "'":
            return Node("text", "text", word)
        if word not in self.schema:
            raise ValueError(f"has {word!r} where a column or a value is needed" if word else "ends too early")
        kind = self.schema[word]
        return Node("column", "flag" if kind == pl.Boolean else "text" if kind == pl.String else "number", word)
