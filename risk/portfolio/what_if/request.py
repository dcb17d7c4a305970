"""Reads a what-if request strictly: unknown keys, out-of-range values and unknown names are errors."""

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
# YAML names of the fields that Python names differently.
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
    """A part of a request: no unknown keys, immutable values."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True, strict=True)


class BaseYears(RequestModel):
    """The years averaged for the base, both ends included."""

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
    is_number = isinstance(value, int | float) and not isinstance(value, bool) and isfinite(value)
    if value != KEEP_BUDGET and not (is_number and 0 < value <= MOST_DOLLARS):
        raise ValueError(
            f"budget: expected {KEEP_BUDGET}, or dollars above 0 to {MOST_DOLLARS:,.0f}, got {_shorten_value(value)}"
        )
    return None if value == KEEP_BUDGET else value


class ChangeLimit(RequestModel):
    """The largest change of a partner's amount, as a share of its base or in dollars; the larger one applies."""

    share: Growth | None = None
    usd: Dollars | None = None

    @model_validator(mode="after")
    def _check_size_given(self) -> "ChangeLimit":
        if self.share is None and self.usd is None:
            raise ValueError("largest change: expected share, usd or both, got neither")
        return self

    def compute_allowed(self, base: float) -> float:
        """Return the allowed change, up or down, in dollars."""
        return max((self.share or 0) * base, self.usd or 0)


class PartnerChangeLimit(ChangeLimit):
    """A different largest change for one partner."""

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
            count = "none" if self.usd is None else "both"
            raise ValueError(f"floor or cap for {self.name}: expected usd or share, one of the two, got {count}")
        return self

    @property
    def kind(self) -> str:
        """Which of NAME_KINDS it names."""
        return next(kind for kind in NAME_KINDS if getattr(self, kind) is not None)

    @property
    def name(self) -> str:
        """The partner or group it names."""
        return str(getattr(self, self.kind))


PriorityWeights = Annotated[dict[str, Points], Field(max_length=MOST_NAMES)]


class PartnerPriorities(RequestModel):
    """Points per million dollars to a partner, by partner, region, tier and posture; they add up."""

    partner: PriorityWeights = {}
    region: PriorityWeights = {}
    tier: PriorityWeights = {}
    posture: PriorityWeights = {}


class WhatIfRequest(RequestModel):
    """A complete what-if request; omitted fields take the defaults below."""

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
    """The accepted names: ISO3 codes with partner names, and the values of each other kind."""

    partners: Mapping[str, str]
    groups: Mapping[str, Sequence[str]]

    def list_accepted_names(self, kind: str) -> Sequence[str]:
        """Return the accepted names of a kind."""
        return list(self.partners) if kind == "partner" else self.groups[kind]


def read_what_if_request(path: Path, names: KnownNames) -> WhatIfRequest:
    """Read a request; raises BadInput in one line: file, line, field, accepted values and value found."""
    file = read_marked(path)
    request = file.validate(WhatIfRequest)
    for steps, kind, name in _list_named_entries(request):
        if name not in names.list_accepted_names(kind):
            raise file.refusal(
                steps, f"{_format_field_path(steps)}: {_describe_accepted(kind, names)}, got {_shorten_value(name)}"
            )
    _check_accounts(request, file)
    _check_named_once("exceptions", [exception.partner for exception in request.exceptions], file)
    _check_named_once("leave_out", request.leave_out, file)
    for steps, _, name in _list_named_entries(request):
        if name in request.leave_out and steps[0] != "leave_out":
            raise file.refusal(
                steps, f"{_format_field_path(steps)}: {name} is also in leave_out; expected one of the two"
            )
    return request


YamlPath = tuple[int | str, ...]


def _list_named_entries(request: WhatIfRequest) -> Iterator[tuple[YamlPath, str, str]]:
    """Yield the path, kind and text of every name in a request."""
    yield from ((("leave_out", index), "partner", name) for index, name in enumerate(request.leave_out))
    yield from ((("base_values", name), "partner", name) for name in request.base_values)
    yield from (
        (("exceptions", index, "partner"), "partner", item.partner) for index, item in enumerate(request.exceptions)
    )
    for field in ("floors", "caps"):
        for index, bound in enumerate(getattr(request, field)):
            yield (field, index, bound.kind), bound.kind, bound.name
    for kind in NAME_KINDS:
        yield from ((("priorities", kind, name), kind, name) for name in getattr(request.priorities, kind))


def _format_field_path(path: YamlPath) -> str:
    return ".".join(str(step) for step in path)


def _describe_accepted(kind: str, names: KnownNames) -> str:
    if kind == "partner":
        return f"expected an ISO3 code, such as {next(iter(names.partners))}"
    return f"expected one of {'; '.join(names.groups[kind])}"


def _check_accounts(request: WhatIfRequest, file: MarkedYaml) -> None:
    for index, account in enumerate(request.accounts):
        if account not in ACCOUNT_NAMES:
            raise file.refusal(
                ("accounts", index),
                f"accounts.{index}: expected one of {', '.join(ACCOUNT_NAMES)}, got {_shorten_value(account)}",
            )
    _check_named_once("accounts", request.accounts, file)
    if request.accounts and request.base.last > LAST_ACCOUNT_YEAR:
        years = f"{request.base.first} to {request.base.last}"
        raise file.refusal(
            ("base",), f"base: accounts are published to {LAST_ACCOUNT_YEAR}, expected years up to then, got {years}"
        )


def _check_named_once(field: str, values: Sequence[str], file: MarkedYaml) -> None:
    for index, value in enumerate(values):
        if value in values[:index]:
            raise file.refusal((field, index), f"{field}.{index}: {value} is listed twice")
