"""The rulebook's details of each rule beyond its decision row, as plain values for the pages."""

from collections.abc import Iterator
from datetime import date
from typing import cast

from features.partners import load_partners
from risk.report.contracts.input_types import PrecedentCase, RuleDetails, Use
from risk.rules.references import Precedent
from risk.rules.rule_types import PolicyRule, Rule
from risk.rules.rulebook import Rulebook

OWN_TEXTS = ("not_when", "judged_by", "switching_cost", "replaced_by", "how_often")
USES: tuple[Use, ...] = ("follows", "warned_by")
PROGRAM_NAMES = {"grants": "grants", "fms": "FMS", "dcs": "DCS"}
PRECEDENT_RESULTS = {
    "complied": "it was done",
    "partly": "part of it was done",
    "hedged": "the partner turned to another seller",
    "ignored": "nothing changed",
    "reversed": "the condition was dropped",
}


def build_rule_details(book: Rulebook, on: date) -> dict[str, RuleDetails]:
    """Build, by ID of every rule and caution in force that day, its kind's texts, programs and precedents."""
    names = dict(load_partners().select("iso3", "name").iter_rows())
    rules: list[Rule] = [*book.list_rules_in_force(on), *book.list_cautions_in_force(on)]
    return {rule.id: _build_rule_texts(rule, book, names) for rule in sorted(rules, key=lambda rule: rule.id)}


def _build_rule_texts(rule: Rule, book: Rulebook, names: dict[str, str]) -> RuleDetails:
    texts = cast(RuleDetails, {name: getattr(rule, name) for name in OWN_TEXTS if hasattr(rule, name)})
    programs = [PROGRAM_NAMES[name] for name in rule.programmes] if isinstance(rule, PolicyRule) else []
    return {**texts, "programmes": programs, "precedents": list(_list_precedents(rule, book, names))}


def _list_precedents(rule: Rule, book: Rulebook, names: dict[str, str]) -> Iterator[PrecedentCase]:
    for use in USES:
        for case in (book.precedents[name] for name in getattr(rule.precedents, use)):
            yield {
                "use": use,
                "partners": [names.get(iso3, iso3) for iso3 in case.partners],
                "years": case.years,
                "asked": case.asked,
                "happened": ", then ".join(PRECEDENT_RESULTS[result] for result in case.result),
                "lesson": case.lesson,
                "source": _format_source(case),
            }


def _format_source(case: Precedent) -> str:
    """Format author and publisher, and whether the case was recalled from memory."""
    text = ", ".join(dict.fromkeys((case.source.author, case.source.publisher)))
    return text if case.status == "confirmed" else f"{text}; partly from memory, to be checked"
