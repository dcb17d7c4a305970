"""Objectives that pull one partner two ways, with the facts of both sides and the rules that speak to each."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

Row = Mapping[str, Any]


@dataclass(frozen=True)
class Fact:
    """A column of the standing, what it says, and from where on it speaks for its side (a judgement)."""

    column: str
    label: str
    cut: float
    above: bool = True

    def speaks(self, standing: Row) -> bool:
        """Whether the fact is known and beyond its cut."""
        value = standing.get(self.column)
        return value is not None and (value >= self.cut if self.above else value <= self.cut)


@dataclass(frozen=True)
class Tension:
    """Two objectives, each with the facts that make it urgent; `reads`: columns by which rules speak to a side."""

    id: str
    objective: str
    against: str
    urgent: Sequence[Fact]
    record: Sequence[Fact]
    reads: tuple[str, ...]


RULE_OF_LAW = Fact("vdem_rule_of_law", "rule of law (V-Dem, 0 to 1)", 0.5, above=False)
INTEGRITY = Fact(
    "vdem_physical_integrity", "freedom from torture and political killing (V-Dem, 0 to 1)", 0.5, above=False
)
TERROR = Fact("pts_mean", "political terror (1 to 5)", 3.5)
KILLED = Fact("ucdp_government_killings_sum5", "civilians killed by the government, five years", 25)
FREE_VOTE = Fact("vdem_polyarchy", "electoral democracy (V-Dem, 0 to 1)", 0.5, above=False)
RECORD_READS = ("tier", "_tier", "vdem_", "vdemord_", "wgi_", "pts_", "ucdp_government_killings", "coup_", "_status")
TENSIONS = (
    Tension(
        "counter_terrorism",
        "Counter-terrorism and war at home",
        "Governance and the rule of law",
        (
            Fact("ucdp_intrastate_deaths", "battle deaths in war at home, last year known", 25),
            Fact("ucdp_nonstate_deaths_sum5", "deaths between armed groups, five years", 25),
        ),
        (RULE_OF_LAW, KILLED),
        ("ucdp_battle", "ucdp_intrastate", "ucdp_conflict", "ucdp_nonstate", "ucdp_onesided"),
    ),
    Tension(
        "alliance",
        "Alliance and reassurance",
        "Record on rights",
        (Fact("value_alliance", "alliance (0 to 100)", 50),),
        (TERROR, INTEGRITY, KILLED),
        ("value_", "strategic_value", "listed_treaty", "listed_nato", "listed_major", "leverage", "dependence"),
    ),
    Tension(
        "deterrence",
        "Deterrence at the frontline",
        "Governance and elections",
        (Fact("value_frontline", "frontline with Russia, China and their friends (0 to 100)", 50),),
        (RULE_OF_LAW, FREE_VOTE),
        ("value_", "strategic_value", "rival_", "leverage"),
    ),
    Tension(
        "access",
        "Bases, access and presence",
        "Freedom from violence by the state",
        (Fact("value_presence", "US forces and access (0 to 100)", 50),),
        (TERROR, INTEGRITY, KILLED),
        ("value_presence", "ustroops", "strategic_value", "dependence"),
    ),
)
SHOWN_RULES = 3
FOR, AGAINST = ("positive_condition", "message"), ("trigger", "redline", "offramp", "positive_condition")


def competing(
    partners: Mapping[str, Row], standing: Mapping[str, Row], decisions: Mapping[str, Sequence[Row]]
) -> pl.DataFrame:
    """One row a partner and tension, where both sides speak and the posture is condition: value high, record poor.

    Columns (texts): iso3, partner, posture, tier, tension, objective, for_facts, against, against_facts, for_rules,
    against_rules. All that is given is by ISO3.
    """
    chosen = sorted((row for row in partners.values() if row["posture"] == "condition"), key=lambda row: row["partner"])
    rows = [
        row
        for partner in chosen
        for row in _tensions(partner, standing.get(partner["iso3"], {}), decisions.get(partner["iso3"], ()))
    ]
    columns = (*SHOWN, "tension", "objective", "for_facts", "against", "against_facts", "for_rules", "against_rules")
    return pl.DataFrame(rows, schema=dict.fromkeys(columns, pl.String))


SHOWN = ("iso3", "partner", "posture", "tier")


def _tensions(partner: Row, standing: Row, rules: Sequence[Row]) -> Iterator[dict[str, Any]]:
    applies = sorted((row for row in rules if row["result"] == "applies"), key=lambda row: str(row["rule"]))
    for tension in TENSIONS:
        urgent = [fact for fact in tension.urgent if fact.speaks(standing)]
        record = [fact for fact in tension.record if fact.speaks(standing)]
        if urgent and record:
            yield {
                **{key: partner[key] for key in SHOWN},
                "tension": tension.id,
                "objective": tension.objective,
                "for_facts": _told(urgent, standing),
                "against": tension.against,
                "against_facts": _told(record, standing),
                "for_rules": _speaking(applies, tension.reads, FOR),
                "against_rules": _speaking(applies, RECORD_READS, AGAINST),
            }


def _told(facts: Sequence[Fact], standing: Row) -> str:
    return "; ".join(f"{fact.label} {_figure(standing[fact.column])}{_year(fact, standing)}" for fact in facts)


def _figure(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 10 else f"{value:.2g}"


def _year(fact: Fact, standing: Row) -> str:
    age = standing.get(f"{fact.column.removesuffix('_sum5')}_age")
    origin = standing.get("origin")
    return f" ({origin - age:.0f})" if age is not None and origin is not None else ""


def _speaking(rules: Sequence[Row], reads: tuple[str, ...], kinds: tuple[str, ...]) -> str:
    """Titles of the rules of these kinds whose facts read what the side reads, by kind as listed."""
    found = [row["title"] for kind in kinds for row in rules if row["kind"] == kind and _reads(row["evidence"], reads)]
    names = list(dict.fromkeys(found))
    more = f"; and {len(names) - SHOWN_RULES} more" if len(names) > SHOWN_RULES else ""
    return "; ".join(names[:SHOWN_RULES]) + more


def _reads(evidence: str | None, reads: tuple[str, ...]) -> bool:
    columns = [column for fact in json.loads(evidence or "[]") for column in fact.get("values") or {}]
    starts, ends = (tuple(p for p in reads if (p[0] == "_") is ending) for ending in (False, True))
    return any(column.startswith(starts) or column.endswith(ends) for column in columns)
