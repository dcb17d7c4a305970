import re
import shutil
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest

from features.bad_input import BadInput
from risk.assessment.tiers import find_posture_matrix
from risk.rules.conditions import list_condition_numbers
from risk.rules.loading import load_rulebook
from risk.rules.rule_types import Offramp, PartnerMessage, PositiveCondition, Redline
from risk.vocabulary import TIERS
from tests.risk.rules.rulebook_example import INPUT_SCHEMA, RULEBOOK_FOLDER, RULES_DAY, load_project_rulebook

BOOK = load_project_rulebook()
# A valid invented condition; each test below breaks one thing in it.
SOUND = """
- id: invented_condition
  kind: positive_condition
  title: An invented act that anyone can check
  applies_when:
    - "tier IN ('elevated','high')"
    - "leverage >= 50"
  because: Invented for a test.
  benchmark: {measure: vdem_rule_of_law, improve_by: 0.05, within_years: 2}
  unlocks: Nothing at all
  precedents: {follows: [colombia_brigades_2000]}
  reference: {cite: "FAA 620M", status: verify, as_of: 2025-01-06}
  in_force: [{from: 2025-01-01}]
  not_when: Never, being invented.
  programmes: [grants, fms]
"""


@pytest.fixture
def refused(tmp_path: Path) -> Callable[..., str]:
    """Return the one-line refusal of a rulebook after text in one file is replaced."""

    def refuse(old: str, new: str, file: str = "positive_conditions.yaml", text: str = SOUND) -> str:
        folder = tmp_path / "rulebook"
        shutil.copytree(RULEBOOK_FOLDER, folder)
        if file == "positive_conditions.yaml":
            (folder / "conflicts.yaml").write_text("[]", encoding="utf-8")
        path = folder / file
        assert old in text
        path.write_text(text.replace(old, new, 1), encoding="utf-8")
        with pytest.raises(BadInput) as refusal:
            load_rulebook(folder, INPUT_SCHEMA)
        assert "\n" not in str(refusal.value)
        return str(refusal.value)

    return refuse


def test_the_rulebook_of_the_project_loads_with_the_parts_it_promises() -> None:
    counts = Counter(rule.kind for rule in BOOK.rules)
    assert counts["positive_condition"] >= 18 and counts["redline"] >= 14
    assert counts["offramp"] >= 12 and counts["message"] >= 8
    assert len(BOOK.precedents) == 78 and len(BOOK.cautions) >= 12
    assert {cuts.outcome for cuts in BOOK.tiers} == {"misuse", "state_terror", "civilian_killing", "coup"}
    assert all(set(cuts.starts) == set(TIERS[1:]) for cuts in BOOK.tiers)


def test_every_condition_redline_and_offramp_follows_a_precedent_and_is_warned_by_one() -> None:
    weighed = [rule for rule in BOOK.rules if rule.kind in ("positive_condition", "redline", "offramp")]
    assert [rule.id for rule in weighed if not (rule.precedents.follows and rule.precedents.warned_by)] == []


def test_every_precedent_is_cited_by_a_rule_or_a_caution() -> None:
    entries = (*BOOK.rules, *BOOK.cautions)
    cited = {name for rule in entries for name in rule.precedents.follows + rule.precedents.warned_by}
    assert set(BOOK.precedents) - cited == set()


def test_advice_covers_grants_government_sales_and_commercial_sales() -> None:
    for kind in (PositiveCondition, Redline, Offramp, PartnerMessage):
        rules = [rule for rule in BOOK.rules if isinstance(rule, kind)]
        assert {name for rule in rules for name in rule.programmes} == {"grants", "fms", "dcs"}


def test_what_is_told_of_a_step_names_the_judge_the_cost_and_the_limits() -> None:
    text = {rule.id: rule.describe_consequence() or "" for rule in BOOK.rules}
    assert "\nJudged by: The security cooperation office, by the calendar." in text["inspectors_admitted_on_the_day"]
    assert "\nCost of switching: " in text["walk_away"] and "\nReplaced by: " in text["walk_away"]
    assert "\nHow often: " in text["one_voice"]
    assert "\nCovers grants, FMS, DCS. Not when: Only one account pays" in text["one_voice"]


def test_cautions_make_no_line_of_the_decisions() -> None:
    assert {caution.id for caution in BOOK.cautions}.isdisjoint(rule.id for rule in BOOK.rules)


def test_a_sound_condition_is_accepted(tmp_path: Path) -> None:
    folder = tmp_path / "rulebook"
    shutil.copytree(RULEBOOK_FOLDER, folder)
    (folder / "conflicts.yaml").write_text("[]", encoding="utf-8")
    (folder / "positive_conditions.yaml").write_text(SOUND, encoding="utf-8")
    assert "invented_condition" in {rule.id for rule in load_rulebook(folder, INPUT_SCHEMA).rules}


@pytest.mark.parametrize(
    ("old", "new", "line", "what"),
    [
        ("leverage >= 50", "leverige >= 50", 7, "uses 'leverige', which is neither a column"),
        ("leverage >= 50", "SQUARE(leverage) >= 50", 7, "uses 'SQUARE', which is neither a column"),
        ("leverage >= 50", "COALESCE(leverage, 99) >= 50", 7, "uses 'COALESCE'"),
        ("leverage >= 50", "leverage IS NULL", 7, "uses 'IS'"),
        ("leverage >= 50", "leverage IN (SELECT 50)", 7, "uses 'SELECT'"),
        ("leverage >= 50", "leverage >= 50; DROP", 7, "contains a character that a condition may not use"),
        ("leverage >= 50", "leverage >= 'fifty'", 7, "cannot compare string with numeric type"),
        ("leverage >= 50", "leverage >=", 7, "cannot be evaluated"),
        ("leverage >= 50", "leverage + 50", 7, "gives Float64, expected true or false"),
        ("leverage >= 50", "1 = 1", 7, "reads no column"),
        ("leverage >= 50", "us_partner > 0", 7, "compares 'us_partner', which is true or false"),
        ("'high')", "'hihg')", 6, "compares with 'hihg', expected one of low, guarded"),
        ("leverage >= 50", "leverage >= 150", 5, "can never apply"),
        ("leverage >= 50", "leverage >= 50 AND leverage < 40", 5, "can never apply"),
        ("leverage >= 50", "tier = 'low'", 5, "can never apply"),
        ("measure: vdem_rule_of_law", "measure: vdem_rule_of_lore", 9, "'vdem_rule_of_lore' is not a measure"),
        ("measure: vdem_rule_of_law", "measure: us_partner", 9, "'us_partner' is not a measure"),
        ("improve_by: 0.05", "reach: 1.5", 9, "vdem_rule_of_law cannot reach 1.5: its range is 0.0 to 1.0"),
        ("improve_by: 0.05, ", "", 9, "a benchmark needs either improve_by or reach"),
        ("colombia_brigades_2000", "colombia_brigades_1900", 11, "no precedent has the id 'colombia_brigades_1900'"),
        ("FAA 620M", "NSM-18 of 23 February 2023", 12, "cites 'NSM-18' as law"),
        ("FAA 620M", "National Security Memorandum 20", 12, "cites 'National Security Memorandum 20' as law"),
        ("FAA 620M", "OMB M-24-10", 12, "cites 'M-24-10' as law"),
        ("status: verify", "status: sure", 12, "reference.status: input should be 'confirmed' or 'verify'"),
        ("[{from: 2025-01-01}]", "[{from: 2025-01-01}, {from: 2026-01-01}]", 2, "in_force periods overlap"),
        ("[{from: 2025-01-01}]", "[{from: 2025-01-01, to: 2024-01-01}]", 13, "before it starts"),
        ("[{from: 2025-01-01}]", "[{from: 2025-02-31}]", 13, "input should be a valid date"),
        ("  unlocks: Nothing at all", "  unlocks: Nothing\n  rewards: All", 11, "unknown key 'rewards'"),
        ("  unlocks: Nothing at all\n", "", 2, "the key 'unlocks' is missing"),
        ("  unlocks: Nothing at all", "  title: Another", 10, "the key 'title' is given twice"),
        ("kind: positive_condition", "kind: redline", 3, "kind: input should be 'positive_condition'"),
        ("  not_when: Never, being invented.\n", "", 2, "the key 'not_when' is missing"),
        ("[grants, fms]", "[]", 15, "programmes: list should have at least 1 item"),
        ("[grants, fms]", "[grants, gifts]", 15, "programmes.1: input should be 'grants', 'fms' or 'dcs', got 'gifts'"),
        ("[grants, fms]", "[fms, fms]", 2, "programmes lists a value twice: fms, fms"),
    ],
)
def test_a_mistake_in_a_rule_is_refused_with_file_rule_and_line(
    refused: Callable[..., str], old: str, new: str, line: int, what: str
) -> None:
    message = refused(old, new)
    assert message.startswith("positive_conditions.yaml, ")
    assert f"line {line}: " in message
    assert what in message


def test_a_refusal_names_the_rule(refused: Callable[..., str]) -> None:
    assert "positive_conditions.yaml, invented_condition, line 7" in refused("leverage >= 50", "leverage")


def test_an_id_used_in_another_file_is_refused(refused: Callable[..., str]) -> None:
    message = refused("invented_condition", "leahy_state")
    assert message == "positive_conditions.yaml, leahy_state, line 2: the id 'leahy_state' is used twice"


def test_a_trigger_that_reads_a_score_is_refused(refused: Callable[..., str]) -> None:
    text = (RULEBOOK_FOLDER / "triggers.yaml").read_text(encoding="utf-8")
    message = refused('"listed_terrorism_sponsor"', '"misuse_probability > 0.5"', "triggers.yaml", text)
    assert "state_sponsor_of_terrorism" in message and "a trigger cannot read a score" in message


def test_an_instrument_may_be_cited_for_the_time_before_it_ended(tmp_path: Path) -> None:
    folder = tmp_path / "rulebook"
    shutil.copytree(RULEBOOK_FOLDER, folder)
    (folder / "conflicts.yaml").write_text("[]", encoding="utf-8")
    then = SOUND.replace("FAA 620M", "NSM-20").replace("from: 2025-01-01", "from: 2024-02-08, to: 2025-02-20")
    (folder / "positive_conditions.yaml").write_text(then, encoding="utf-8")
    assert load_rulebook(folder, INPUT_SCHEMA).rules


@pytest.mark.parametrize(
    ("file", "old", "new", "what"),
    [
        (
            "tiers.yaml",
            "{guarded: 0.05, elevated: 0.15, high: 0.40,",
            "{guarded: 0.05, elevated: 0.50, high: 0.40,",
            "starts must rise",
        ),
        ("tiers.yaml", "outcome: coup", "outcome: misuse", "in force at the same time as an earlier entry"),
        ("postures.yaml", "valued_from: 30", "valued_from: 128", "input should be less than 100"),
        ("precedents.yaml", "result: [partly]", "result: [won]", "result.0: input should be 'complied'"),
        ("repealed.yaml", "ended: 2025-03-14", "ended: soon", "ended: input should be a valid date"),
        ("offramps.yaml", "- id: unit_ladder", "- id: [unit_ladder", "not readable as YAML"),
        ("messages.yaml", "- id: one_voice", "one_voice:", "not readable as YAML"),
        ("messages.yaml", "  how_often: Once for", "  often: Once for", "unknown key 'often'"),
        ("redlines.yaml", "  judged_by: The security", "  judge: The security", "unknown key 'judge'"),
        ("offramps.yaml", "  switching_cost: Low; little", "  cost: Low; little", "unknown key 'cost'"),
        ("cautions.yaml", "{warned_by: [lebanon_hold_2019]}", "{}", "a caution needs at least one precedent"),
        ("cautions.yaml", "leverage_assistance >= 50", "leverage_help >= 50", "uses 'leverage_help'"),
        ("cautions.yaml", "- id: no_stated_request", "- id: walk_away", "the id 'walk_away' is used twice"),
    ],
)
def test_a_mistake_in_another_file_is_refused(
    refused: Callable[..., str], file: str, old: str, new: str, what: str
) -> None:
    message = refused(old, new, file, (RULEBOOK_FOLDER / file).read_text(encoding="utf-8"))
    assert message.startswith(f"{file}, ") and "line" in message and what in message


def test_a_missing_and_an_unknown_file_are_refused(tmp_path: Path) -> None:
    folder = tmp_path / "rulebook"
    shutil.copytree(RULEBOOK_FOLDER, folder)
    (folder / "redlines.yaml").rename(folder / "readlines.yaml")
    with pytest.raises(BadInput, match=r"has no file redlines\.yaml"):
        load_rulebook(folder, INPUT_SCHEMA)
    shutil.copy(folder / "readlines.yaml", folder / "redlines.yaml")
    with pytest.raises(BadInput, match=r"readlines\.yaml: not a rulebook file"):
        load_rulebook(folder, INPUT_SCHEMA)


def test_a_column_the_standing_lost_is_refused() -> None:
    fewer = pl.Schema({name: kind for name, kind in INPUT_SCHEMA.items() if name != "nmc_spending_usd"})
    with pytest.raises(
        BadInput, match=r"redlines\.yaml, no_foreign_private_army, line \d+: .* uses 'nmc_spending_usd'"
    ):
        load_rulebook(RULEBOOK_FOLDER, fewer)


@pytest.mark.parametrize(("column", "cut"), [("strategic_value", "valued_from"), ("hedging", "hedging_heavy_from")])
def test_a_threshold_that_is_no_cut_of_the_postures_is_explained(column: str, cut: str) -> None:
    """Otherwise rules and postures could disagree unnoticed on which partners matter."""
    cuts = {getattr(find_posture_matrix(BOOK, RULES_DAY), cut)}
    for rule in (*BOOK.rules, *BOOK.cautions):
        for atom in rule.applies_when:
            if re.search(rf"\b{column}\b", atom):
                near = [part for part in re.split(r"\bOR\b|\bAND (?!\d)", atom) if re.search(rf"\b{column}\b", part)]
                numbers = {number for part in near for number in list_condition_numbers(part)} - cuts
                explained = {float(number) for number in re.findall(r"\d+", rule.because)}
                assert numbers <= explained, rule.id
