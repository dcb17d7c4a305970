"""docs/reference/rulebook_fields.md: every field of the rulebook's files, from the models that read them."""

import re
from pathlib import Path
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

import yaml
from markdown_parts import join_lines, make_table, open_page
from pydantic import BaseModel
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from risk.cases.tables.loading import TABLE_FILES
from risk.ledger.deadlines import Deadline
from risk.portfolio.policy import FILES
from risk.rules.designations import Designation
from risk.rules.interactions import CheckGroup, RuleConflict
from risk.rules.loading import CAUTION_FILES, RULE_FILES
from risk.rules.references import Precedent
from risk.rules.rulebook import Measure, PostureMatrix, RepealedLaw, TierThresholds

LEAD = (
    "Every field of every file of the rulebook (`risk/rulebook/`), from the models that read them. Unknown fields are "
    "refused, and so is an empty text. [The language of the rulebook](rulebook_language.md) says what they do "
    "together, and [write a rule](../how-to/write_rules.md) shows how."
)
TRANSFERS_LEAD = (
    "Every field of the tables in `risk/rulebook/transfers/`, by which cases are scored, from the models that read "
    "them. What the codes mean is in [codes](codes.md), how scores are joined in "
    "[case scores](../explanation/case_scores.md)."
)
POLICY_LEAD = (
    "Every field of the files on the portfolio and on deadlines, from the models that read them. "
    "[The language of the rulebook](rulebook_language.md#other-judgments) says what they are for."
)
OTHER_FILES: dict[str, type[BaseModel]] = {
    "designations/<list>": Designation, "conflicts": RuleConflict, "joined": CheckGroup, "precedents": Precedent,
    "tiers": TierThresholds, "postures": PostureMatrix, "measures": Measure, "repealed": RepealedLaw,
}  # fmt: skip
WORDS = {str: "text", int: "whole number", float: "number", bool: "yes or no"}
BOUNDS = {"gt": "above {}", "ge": "from {}", "lt": "below {}", "le": "at most {}"}
LENGTHS = {"min_length": "at least {}", "max_length": "at most {}"}


def write_rule_fields() -> str:
    """The page on rules, lists and cuts."""
    groups = {"Rules": {**RULE_FILES, **CAUTION_FILES}, "Lists and cuts": OTHER_FILES}
    return _write(open_page("Fields of the rulebook", LEAD), groups, "field_meanings.yaml")


def write_transfer_fields() -> str:
    """The page on the tables on transfers."""
    groups = {"Tables": {f"transfers/{stem}": model for stem, model in TABLE_FILES.items()}}
    return _write(open_page("Fields of the tables on transfers", TRANSFERS_LEAD), groups, "transfer_meanings.yaml")


def write_policy_fields() -> str:
    """The page on what is judged apart from the rules: the portfolio and the deadlines of incidents."""
    groups = {
        "Portfolio": {f"portfolio/{stem}": model for stem, model in FILES.items()},
        "Ledger": {"deadlines": Deadline},
    }
    return _write(open_page("Fields of other judgments", POLICY_LEAD), groups, "policy_meanings.yaml")


def _write(lines: list[str], groups: dict[str, dict[str, type[BaseModel]]], meanings: str) -> str:
    page = _Page(meanings)
    for title, files in groups.items():
        lines += [f"## {title}", ""]
        for stem, model in files.items():
            lines += page.describe(f"{stem}.yaml", model)
    lines += ["## Parts of entries", "", *page.describe_parts()]
    page.refuse_leftovers()
    return join_lines(lines)


class _Page:
    """The parts still to be described, and which meanings were used."""

    def __init__(self, file: str) -> None:
        self.file = f".ci/reference/{file}"
        text = (Path(__file__).parent / file).read_text(encoding="utf-8")
        self.meanings: dict[str, dict[str, str]] = yaml.safe_load(text)
        self.used: set[tuple[str, str]] = set()
        self.parts: dict[str, type[BaseModel]] = {}

    def describe(self, heading: str, model: type[BaseModel]) -> list[str]:
        """A section with the model's sentence and a row for each field."""
        rows = [self._row(heading, name, field) for name, field in model.model_fields.items()]
        lead = " ".join((model.__doc__ or "").split())
        shown = f"`{heading}`" if heading.endswith(".yaml") else heading
        return [f"### {shown}", "", lead, "", *make_table(("field", "needed", "accepts", "meaning"), rows)]

    def describe_parts(self) -> list[str]:
        """The models that stand inside others, in the order met; each may bring more."""
        lines: list[str] = []
        done: set[str] = set()
        while left := [name for name in self.parts if name not in done]:
            done.add(left[0])
            lines += self.describe(left[0], self.parts[left[0]])
        return lines

    def refuse_leftovers(self) -> None:
        """Meanings of fields that no model has are out of date."""
        known = {(place, field) for place, fields in self.meanings.items() for field in fields}
        if odd := sorted(known - self.used):
            raise SystemExit(f"{self.file}: no such field: {odd[0][0]}, {odd[0][1]}")

    def _row(self, heading: str, name: str, field: FieldInfo) -> list[str]:
        written = field.alias or name
        default = field.default
        needed = "yes" if field.is_required() else "no"
        if default not in (None, PydanticUndefined, [], {}, False) and isinstance(default, str | int | float):
            needed = f"no: {default}"
        accepted = "; ".join(one for one in (self._type(field.annotation), *_limits(field)) if one)
        return [f"`{written}`", needed, accepted, field.description or self._meaning(heading, written)]

    def _meaning(self, heading: str, field: str) -> str:
        for place in (heading, "common"):
            if field in self.meanings.get(place, {}):
                self.used.add((place, field))
                return self.meanings[place][field]
        raise SystemExit(f"{self.file}: {heading} has the field {field!r}; say what it means")

    def _type(self, kind: Any) -> str:
        """A type in words; a model inside becomes a link to its own section."""
        origin, inner = get_origin(kind), get_args(kind)
        if origin is Annotated:
            return self._type(inner[0])
        if origin in (Union, UnionType):
            return " or ".join(self._type(one) for one in inner if one is not NoneType)
        if origin is Literal:
            return ", ".join(f"`{one}`" for one in inner)
        if origin is list:
            return f"list of {self._type(inner[0])}"
        if origin is dict:
            return f"mapping of {self._type(inner[0])} to {self._type(inner[1])}"
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            heading = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", kind.__name__).capitalize()
            self.parts[heading] = kind
            return f"[{heading.lower()}](#{heading.lower().replace(' ', '-')})"
        return WORDS.get(kind, "day, YYYY-MM-DD")


def _limits(field: FieldInfo) -> list[str]:
    """Bounds of a number or a length, in words."""
    found = []
    for one in field.metadata:
        found += [words.format(f"{getattr(one, name):g}") for name, words in BOUNDS.items() if hasattr(one, name)]
        found += [words.format(getattr(one, name)) for name, words in LENGTHS.items() if hasattr(one, name)]
    return found
