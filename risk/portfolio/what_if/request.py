"""A what-if request, read strictly: an unknown key, a value out of range or a name that is no partner is refused."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import isfinite
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationInfo, model_validator

from features.files.yaml_with_lines import MarkedYaml, read_marked
from risk.portfolio.flows import ACCOUNT_LABELS
from risk.portfolio.series import FIRST_YEAR

KEEP_BUDGET = "keep"
LAST_BASE_YEAR, LAST_ACCOUNT_YEAR = 2024, 2020
MOST_DOLLARS, MOST_POINTS, MOST_NAMES = 1e12, 100.0, 400
NAME_KINDS = ("partner", "region", "tier", "posture")
# Fields that a request writes by another name than Python allows.
WRITTEN_NAMES = {"first": "base", "last": "base"}
ACCOUNT_NAMES = {name.removeprefix("usmil_").removesuffix("_usd"): name for name in ACCOUNT_LABELS}


def _require_number(accepted: str, low: float, high: float, whole: bool = False) -> BeforeValidator:
    def check_number(value: Any, info: ValidationInfo) -> Any:
        kinds = (int,) if whole else (int, float)
        fits = isinstance(value, kinds) and not isinstance(value, bool) and isfinite(value) and low <= value <= high
        if not fits:
            field = WRITTEN_NAMES.get(str(info.field_name), info.field_name)
            raise ValueError(f"{field}: expected {accepted}, got {_shorten_value(value)}")
        return value

    return BeforeValidator(check_number)


def _shorten_value(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."


Dollars = Annotated[float, _require_number(f"dollars from 0 to {MOST_DOLLARS:,.0f}, without quotes", 0, MOST_DOLLARS)]
Share = Annotated[float, _require_number("a share from 0 to 1", 0, 1)]
Growth = Annotated[float, _require_number("a share of the base from 0 to 10", 0, 10)]
Points = Annotated[
    float, _require_number(f"points from -{MOST_POINTS:g} to {MOST_POINTS:g}", -MOST_POINTS, MOST_POINTS)
]
Year = Annotated[
    int, _require_number(f"a year from {FIRST_YEAR} to {LAST_BASE_YEAR}", FIRST_YEAR, LAST_BASE_YEAR, whole=True)
]


class RequestModel(BaseModel):
    """A part of a request: unknown keys are refused, values never changed after reading."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True, strict=True)


class BaseYears(RequestModel):
    """The years whose average is the base, both included."""

    first: Year = Field(alias="from")
    last: Year = Field(alias="to")

    @model_validator(mode="after")
    def _check_year_order(self) -> "BaseYears":
        if self.last < self.first:
            raise ValueError(f"base: from {self.first} to {self.last}, expected the earlier year first")
        return self


def _expand_years(value: Any) -> Any:
    if isinstance(value, dict):
        return value
    return {"from": value, "to": value}


def _check_budget_value(value: Any) -> Any:
    plain = isinstance(value, int | float) and not isinstance(value, bool) and isfinite(value)
    if value != KEEP_BUDGET and not (plain and 0 < value <= MOST_DOLLARS):
        raise ValueError(
            f"budget: expected {KEEP_BUDGET}, or dollars above 0 to {MOST_DOLLARS:,.0f}, got {_shorten_value(value)}"
        )
    return None if value == KEEP_BUDGET else value


class ChangeLimit(RequestModel):
    """How far a partner may move in the year, as a share of its base or in dollars: the wider of the two holds."""

    share: Growth | None = None
    usd: Dollars | None = None

    @model_validator(mode="after")
    def _check_size_given(self) -> "ChangeLimit":
        if self.share is None and self.usd is None:
            raise ValueError("largest change: expected share, usd or both, got neither")
        return self

    def compute_allowed(self, base: float) -> float:
        """Dollars up or down from a base in dollars."""
        return max((self.share or 0) * base, self.usd or 0)


class PartnerChangeLimit(ChangeLimit):
    """A partner that may move further, or less, than the others."""

    partner: str


class AllocationBound(RequestModel):
    """A floor or a cap, in dollars or as a share of the budget, for one partner or all of a region, tier or posture."""

    partner: str | None = None
    region: str | None = None
    tier: str | None = None
    posture: str | None = None
    usd: Dollars | None = None
    share: Share | None = None

    @model_validator(mode="after")
    def _check_one_of_each(self) -> "AllocationBound":
        named = [kind for kind in NAME_KINDS if getattr(self, kind) is not None]
        if len(named) != 1:
            raise ValueError(
                f"floor or cap: expected one of {', '.join(NAME_KINDS)}, got {' and '.join(named) or 'none'}"
            )
        if (self.usd is None) == (self.share is None):
            got = "none" if self.usd is None else "both"
            raise ValueError(f"floor or cap for {self.name}: expected usd or share, one of the two, got {got}")
        return self

    @property
    def kind(self) -> str:
        """Which of KINDS it names."""
        return next(kind for kind in NAME_KINDS if getattr(self, kind) is not None)

    @property
    def name(self) -> str:
        """Whom it names."""
        return str(getattr(self, self.kind))


PriorityWeights = Annotated[dict[str, Points], Field(max_length=MOST_NAMES)]


class PartnerPriorities(RequestModel):
    """Points that each million dollars to a partner counts, by what the partner is; they add up."""

    partner: PriorityWeights = {}
    region: PriorityWeights = {}
    tier: PriorityWeights = {}
    posture: PriorityWeights = {}


class WhatIfRequest(RequestModel):
    """Everything a what-if may ask; what is left out has the value given here."""

    title: str = Field(default="What if", max_length=120)
    base: Annotated[BaseYears, BeforeValidator(_expand_years)]
    base_values: Annotated[dict[str, Dollars], Field(max_length=MOST_NAMES)] = {}
    accounts: list[str] = []
    budget: Annotated[float | None, BeforeValidator(_check_budget_value)] = None
    leave_out: list[str] = Field(default=[], max_length=MOST_NAMES)
    largest_change: ChangeLimit = ChangeLimit(share=0.25)
    exceptions: list[PartnerChangeLimit] = Field(default=[], max_length=MOST_NAMES)
    floors: list[AllocationBound] = Field(default=[], max_length=MOST_NAMES)
    caps: list[AllocationBound] = Field(default=[], max_length=MOST_NAMES)
    priorities: PartnerPriorities = PartnerPriorities()


@dataclass(frozen=True)
class KnownNames:
    """What may be named: ISO3 codes with their names, and the values of each other kind."""

    partners: Mapping[str, str]
    groups: Mapping[str, Sequence[str]]

    def list_accepted_names(self, kind: str) -> Sequence[str]:
        """The names that a kind accepts."""
        return list(self.partners) if kind == "partner" else self.groups[kind]


def read_what_if_request(path: Path, names: KnownNames) -> WhatIfRequest:
    """Read a request; raises BadInput with one line: file, line, field, value found, what is accepted."""
    marked = read_marked(path)
    request = marked.validate(WhatIfRequest)
    for place, kind, name in _list_named_entries(request):
        if name not in names.list_accepted_names(kind):
            raise marked.refusal(
                place, f"{_format_field_path(place)}: {_describe_accepted(kind, names)}, got {_shorten_value(name)}"
            )
    _check_accounts(request, marked)
    _check_named_once("exceptions", [one.partner for one in request.exceptions], marked)
    _check_named_once("leave_out", request.leave_out, marked)
    for place, _, name in _list_named_entries(request):
        if name in request.leave_out and place[0] != "leave_out":
            raise marked.refusal(
                place, f"{_format_field_path(place)}: {name} is named in leave_out too; expected one of the two"
            )
    return request


YamlPath = tuple[int | str, ...]


def _list_named_entries(request: WhatIfRequest) -> Iterator[tuple[YamlPath, str, str]]:
    """Every name in a request: its place, its kind and itself."""
    yield from ((("leave_out", at), "partner", name) for at, name in enumerate(request.leave_out))
    yield from ((("base_values", name), "partner", name) for name in request.base_values)
    yield from ((("exceptions", at, "partner"), "partner", one.partner) for at, one in enumerate(request.exceptions))
    for field in ("floors", "caps"):
        for at, bound in enumerate(getattr(request, field)):
            yield (field, at, bound.kind), bound.kind, bound.name
    for kind in NAME_KINDS:
        yield from ((("priorities", kind, name), kind, name) for name in getattr(request.priorities, kind))


def _format_field_path(place: YamlPath) -> str:
    return ".".join(str(step) for step in place)


def _describe_accepted(kind: str, names: KnownNames) -> str:
    if kind == "partner":
        return f"expected a partner's three letters, such as {next(iter(names.partners))}"
    return f"expected one of {'; '.join(names.groups[kind])}"


def _check_accounts(request: WhatIfRequest, marked: MarkedYaml) -> None:
    for at, account in enumerate(request.accounts):
        if account not in ACCOUNT_NAMES:
            raise marked.refusal(
                ("accounts", at),
                f"accounts.{at}: expected one of {', '.join(ACCOUNT_NAMES)}, got {_shorten_value(account)}",
            )
    _check_named_once("accounts", request.accounts, marked)
    if request.accounts and request.base.last > LAST_ACCOUNT_YEAR:
        found = f"{request.base.first} to {request.base.last}"
        raise marked.refusal(
            ("base",), f"base: accounts are published to {LAST_ACCOUNT_YEAR}, expected years up to then, got {found}"
        )


def _check_named_once(field: str, values: Sequence[str], marked: MarkedYaml) -> None:
    for at, value in enumerate(values):
        if value in values[:at]:
            raise marked.refusal((field, at), f"{field}.{at}: {value} is named twice, expected once")
