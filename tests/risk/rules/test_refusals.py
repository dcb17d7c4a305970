"""Invalid rulebooks, each refused in one line with the file, the rule if any, and what is wrong."""

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from features.bad_input import BadInput
from risk.rules.loading import load_rulebook
from tests.risk.rules.rulebook_example import INPUT_SCHEMA, RULEBOOK_FOLDER

# A valid invented rule; each test below breaks one thing in it.
SOUND = """
- id: invented_redline
  kind: redline
  title: An invented act that anyone can see
  applies_when:
    - "tier IN ('high','severe')"
    - "leverage >= 50"
  because: Invented for a test.
  not_when: The act was asked for in writing.
  programmes: [fms]
  judged_by: An invented office, from an invented paper.
  steps:
    - Ask
    - Stop
  reference: {cite: "FAA 620M", status: verify, as_of: 2025-01-06}
  in_force: [{from: 2025-01-01}]
"""
BOMB = "- &a [x, x, x, x, x, x, x, x]\n" + "".join(
    f"- &{new} [*{old}, *{old}, *{old}, *{old}, *{old}, *{old}, *{old}, *{old}]\n"
    for old, new in zip("abcdefgh", "bcdefghi", strict=True)
)


@pytest.fixture
def book(tmp_path: Path) -> Path:
    """A copy of the rulebook without conflicts, so that its rules may be replaced."""
    folder = Path(shutil.copytree(RULEBOOK_FOLDER, tmp_path / "rulebook"))
    (folder / "conflicts.yaml").write_text("[]", encoding="utf-8")
    return folder


def refusal(folder: Path) -> str:
    """Return the one-line refusal of a rulebook."""
    with pytest.raises(BadInput) as refused:
        load_rulebook(folder, INPUT_SCHEMA)
    message = str(refused.value)
    assert "\n" not in message and len(message) < 400
    return message


def test_the_invented_rule_holds(book: Path) -> None:
    (book / "redlines.yaml").write_text(SOUND, encoding="utf-8")
    assert "invented_redline" in {rule.id for rule in load_rulebook(book, INPUT_SCHEMA).rules}


TWO = '"leverage >= 50"\n    - '


@pytest.mark.parametrize(
    ("old", "new", "what"),
    [
        ("'high','severe'", "'high','sever'", "compares with 'sever', expected one of low, guarded"),
        ('"leverage >= 50"', TWO + '"leverage < 30"', "can never apply"),
        ('"leverage >= 50"', TWO + '"leverage = 20 OR leverage = 30"', "can never apply"),
        ('"leverage >= 50"', TWO + '"NOT leverage >= 50"', "can never apply"),
        ('"leverage >= 50"', TWO + "\"tier NOT IN ('high','severe')\"", "can never apply"),
        ('"leverage >= 50"', '"us_partner"\n    - "NOT us_partner"', "can never apply"),
        ('"leverage >= 50"', '"rivalries > 1"\n    - "rivalries < 2"', "can never apply"),
        ('"leverage >= 50"', '"leverage - hedging > 150"', "can never apply"),
        ('"leverage >= 50"', '"leverage * 2 > 250"', "can never apply"),
        ('"leverage >= 50"', "\"region = 'Asia'\"\n    - \"region = 'Africa'\"", "can never apply"),
        ('"leverage >= 50"', '"leverage BETWEEN 25 AND 10"', "has the ends of BETWEEN reversed: 25 comes after 10"),
        ('"leverage >= 50"', '"10 < leverage < 25"', "has '<' where it should end"),
        ('"leverage >= 50"', "\"leverage >= 10 -- AND tier = 'low'\"", "contains '--', which starts a comment"),
        ('"leverage >= 50"', "\"leverage >= 10 /* AND tier = 'low' */\"", "contains '/*', which starts a comment"),
        ('"leverage >= 50"', '"leverage >= 50 tier"', "has 'tier' where it should end"),
        ('"leverage >= 50"', "\"tier >= 'high'\"", "compares words with '>=', which needs numbers"),
        ('"leverage >= 50"', '"NOT leverage"', "has 'leverage', which is a number, where true or false is needed"),
        ('"leverage >= 50"', '"leverage = us_partner"', "compares 'us_partner', which is true or false"),
        ('"leverage >= 50"', '"' + "(" * 400 + "leverage > 1" + ")" * 400 + '"', "longer than 300 characters"),
        ("    - \"tier IN ('high','severe')\"\n    - \"leverage >= 50\"", '    "us_partner"', "should be a valid list"),
        ("    - \"tier IN ('high','severe')\"\n    - \"leverage >= 50\"", "    []", "at least 1 item"),
        ("title: An invented act that anyone can see", "title: 5", "title: input should be a valid string, got 5"),
        ("title: An invented act that anyone can see", 'title: " "', "title: is empty; write a text or delete the key"),
        ("title: An invented act that anyone can see", "title:", "title: input should be a valid string, got nothing"),
        ("title: An invented act that anyone can see", "title: yes", "cannot be yes or no, got True"),
        ("title: An invented act that anyone can see", "tilte: An act", "unknown key 'tilte'"),
        ("    - Ask\n", '    - ""\n', "is empty; write a text or delete the key"),
        ("  not_when: The act was asked for in writing.\n", "", "the key 'not_when' is missing"),
        ("  programmes: [fms]\n", "", "the key 'programmes' is missing"),
        ("programmes: [fms]", "programmes: [fms, fms]", "programmes lists a value twice: fms, fms"),
        ("programmes: [fms]", "programmes: [gifts]", "input should be 'grants', 'fms' or 'dcs', got 'gifts'"),
        ("judged_by: An invented office, from an invented paper.", "judge: An office", "unknown key 'judge'"),
        ("id: invented_redline", "id: Invented-Redline", "id: string should match pattern"),
        ("id: invented_redline", "id: 2025", "id: input should be a valid string"),
        ("kind: redline", "kind: trigger", "kind: input should be 'redline', got 'trigger'"),
        ("{from: 2025-01-01}", "{from: 2025-01-01, to: 2024-12-31}", "ends on 2024-12-31, before it starts"),
        ("{from: 2025-01-01}", "{from: 2025-13-01}", "input should be a valid date"),
        ("{from: 2025-01-01}", "{from: 1 January}", "input should be a valid date"),
        ("[{from: 2025-01-01}]", "[]", "in_force: list should have at least 1 item"),
        ("[{from: 2025-01-01}]", "2025-01-01", "in_force: input should be a valid list"),
        ("FAA 620M", "NSM-20", "cites 'NSM-20' as law"),
        ('{cite: "FAA 620M", status: verify, as_of: 2025-01-06}', "FAA 620M", "reference: input should be"),
        ("  because", "  <<: {title: Another}\n  because", "a key must be a word"),
        ("  because", "  [a]: b\n  because", "a key must be a word"),
        ("  because", "  1: b\n  because", "a key must be a word"),
        ("  because: Invented for a test.", "  because: !!python/name:os.system x", "gives a value a type"),
        ("  because", "\tbecause", "not readable as YAML: found character that cannot start any token"),
        ("  because: Invented for a test.", "  because: *nowhere", "*nowhere does not refer to a single value above"),
        ("{cite", "&r {cite", None),
        ("- Ask", "- &s Ask", None),
    ],
)
def test_a_broken_rule_is_refused_with_file_rule_and_what_is_wrong(
    book: Path, old: str, new: str, what: str | None
) -> None:
    assert old in SOUND
    (book / "redlines.yaml").write_text(SOUND.replace(old, new, 1), encoding="utf-8")
    if what is None:
        assert load_rulebook(book, INPUT_SCHEMA).rules
        return
    message = refusal(book)
    assert message.startswith("redlines.yaml, ") and "line " in message and what in message


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (b"", "expected a list of entries, each after a hyphen, got nothing"),
        (b"# nothing but a note\n", "expected a list of entries, each after a hyphen, got nothing"),
        (b"invented_redline: {kind: redline}\n", "expected a list of entries, each after a hyphen, got {'invented"),
        (b"just text\n", "expected a list of entries, each after a hyphen, got 'just text'"),
        (b"- just text\n", "expected keys with their values, got 'just text'"),
        (b"- [id, kind]\n", "expected keys with their values, got ['id', 'kind']"),
        (b"-\n", "expected keys with their values, got nothing"),
        (b"--- [a]\n--- [b]\n", "not readable as YAML: found another document"),
        (b"\x7fELF\x02\x01\x00\x00", "cannot be read: "),
        (b"\xff\xfe- id: x\n", "cannot be read: 'utf-8' codec"),
        ("- id: café\n".encode("latin-1"), "cannot be read: 'utf-8' codec"),
        (b"- {id: [}\n", "not readable as YAML"),
        (b"- id: 'open\n", "not readable as YAML"),
        (b"- &loop [*loop]\n", "*loop does not refer to a single value above"),
        (b"- &entry {id: x}\n- *entry\n", "*entry does not refer to a single value above"),
        (BOMB.encode(), "*a does not refer to a single value above"),
        (b"[" * 100_000, "nested more than 12 levels deep"),
        (b"- {" + b"a: {" * 50 + b"}" * 51, "nested more than 12 levels deep"),
        (b"# " + b"x" * 1_000_001, "larger than 1,000,000 bytes"),
        (b"- {within_years: " + b"9" * 5000 + b"}\n", "a number of more than 40 characters"),
    ],
)
def test_a_file_that_holds_no_rules_is_refused_by_name(book: Path, content: bytes, what: str) -> None:
    (book / "redlines.yaml").write_bytes(content)
    message = refusal(book)
    assert message.startswith("redlines.yaml") and what in message


def test_the_same_id_twice_is_refused(book: Path) -> None:
    (book / "redlines.yaml").write_text(SOUND + SOUND, encoding="utf-8")
    assert refusal(book) == "redlines.yaml, invented_redline, line 18: the id 'invented_redline' is used twice"


@pytest.mark.parametrize(
    ("spoil", "what"),
    [
        (lambda path: path.unlink(), "has no file redlines.yaml"),
        (lambda path: (path.unlink(), path.symlink_to("elsewhere.yaml")), "redlines.yaml: there is no such file"),
        (lambda path: (path.unlink(), path.symlink_to(path.name)), "redlines.yaml: "),
        (lambda path: (path.unlink(), path.symlink_to("/dev/zero")), "redlines.yaml: not a file"),
        (lambda path: (path.unlink(), os.mkfifo(path)), "redlines.yaml: not a file"),
        (lambda path: (path.unlink(), path.mkdir()), "redlines.yaml: not a file"),
        (
            lambda path: path.with_suffix(".yml").write_text("[]"),
            "redlines.yml: rename it: rulebook files must end in .yaml",
        ),
        (lambda path: path.with_name("extra.yaml").write_text("[]"), "extra.yaml: not a rulebook file"),
        (lambda path: shutil.rmtree(path.parent), "there is no such folder"),
    ],
)
def test_a_file_that_is_none_is_refused(book: Path, spoil: Callable[[Path], object], what: str) -> None:
    spoil(book / "redlines.yaml")
    assert what in refusal(book)


@pytest.mark.parametrize(
    ("file", "old", "new", "what"),
    [
        ("triggers.yaml", '"NOT waived_child_soldiers"', '"misuse_rank <= 10"', "a trigger cannot read a score"),
        ("triggers.yaml", '"NOT waived_child_soldiers"', "\"tier = 'severe'\"", "a trigger cannot read a score"),
        (
            "triggers.yaml",
            '"NOT waived_child_soldiers"',
            "\"coup_status = 'ongoing'\"",
            "a trigger cannot read a score",
        ),
        ("tiers.yaml", "outcome: coup", "outcome: cup", "unknown outcome 'cup', expected one of misuse, state_terror"),
        ("tiers.yaml", "severe: 0.20", "severely: 0.20", "starts.severely"),
        ("tiers.yaml", "severe: 0.20", "severe: much", "starts.severe: input should be a valid number"),
        ("postures.yaml", "poor_record_from: elevated", "poor_record_from: elevate", "input should be 'low'"),
        ("postures.yaml", "valued_from: 30", "valued_from: .nan", "valued_from: input should be a finite number"),
        ("measures.yaml", '"vdem_corruption"', '"vdem_(corruption"', "the pattern 'vdem_(corruption' is not valid"),
        ("measures.yaml", "low: 0, high: 3", "low: 3, high: 0", "low 3.0 must be below high 0.0"),
        ("repealed.yaml", "'M-24-10'", "'M-24-10)'", "the pattern 'M-24-10)' is not valid"),
        ("positive_conditions.yaml", "improve_by: 0.05", "improve_by: yes", "cannot be yes or no, got True"),
        ("positive_conditions.yaml", "improve_by: 0.05", "improve_by: 5", "cannot improve by 5.0: its range is 0.0"),
        ("positive_conditions.yaml", "improve_by: 0.05", "improve_by: .inf", "input should be a finite number"),
        ("positive_conditions.yaml", "improve_by: 0.05", "improve_by: -0.05", "input should be greater than 0"),
        ("joined.yaml", "leahy_agreement", "leahy_agrement", "no rule has the id 'leahy_agrement'"),
        ("joined.yaml", "leahy_agreement", "walk_away", "'walk_away' is not a check"),
        ("joined.yaml", "leahy_agreement", "leahy_state", "'leahy_state' is joined twice"),
    ],
)
def test_a_broken_entry_of_another_file_is_refused(book: Path, file: str, old: str, new: str, what: str) -> None:
    text = (book / file).read_text(encoding="utf-8")
    assert old in text
    (book / file).write_text(text.replace(old, new, 1), encoding="utf-8")
    message = refusal(book)
    assert message.startswith(file) and what in message


CONFLICT = """
- id: invented_conflict
  yields: [swap_with_expiry]
  to: [walk_away]
  then: barred
  because: Invented for a test.
  in_force: [{from: 2025-01-01}]
"""
BACK = CONFLICT.replace("invented_conflict", "the_other_way").replace("walk_away", "unit_ladder")
BACK = BACK.replace("swap_with_expiry", "walk_away").replace("unit_ladder", "swap_with_expiry")


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (CONFLICT.replace("walk_away", "walk_home"), "line 4: no rule has the id 'walk_home'"),
        (CONFLICT.replace("walk_away", "swap_with_expiry"), "'swap_with_expiry' cannot give way to itself"),
        (CONFLICT.replace("swap_with_expiry", "coup_restriction"), "a trigger cannot give way to advice"),
        (
            CONFLICT.replace("swap_with_expiry", "leahy_state").replace("barred", "left_out"),
            "a check cannot be left out",
        ),
        (CONFLICT.replace("barred", "never"), "'swap_with_expiry' and 'walk_away' can apply to the same partner"),
        (
            CONFLICT.replace("barred", "never\n  postures: [be_wary]").replace(
                "swap_with_expiry", "external_defence_only"
            ),
            "the posture 'be_wary' can be suggested together with 'walk_away'",
        ),
        (CONFLICT.replace("barred", "barred\n  postures: [invest]"), "postures are allowed only if `then` is never"),
        (CONFLICT.replace("barred", "ignored"), "then: input should be 'barred', 'left_out' or 'never'"),
        (CONFLICT + BACK, "'walk_away' gives way to 'swap_with_expiry' here, but 'invented_conflict' says the reverse"),
        (
            CONFLICT.replace("barred", "left_out") + BACK.replace("walk_away", "unit_ladder"),
            "'swap_with_expiry' may itself be left out",
        ),
    ],
)
def test_a_conflict_that_does_not_hold_is_refused(book: Path, content: str, what: str) -> None:
    (book / "conflicts.yaml").write_text(content, encoding="utf-8")
    message = refusal(book)
    assert message.startswith("conflicts.yaml, ") and what in message


@pytest.mark.parametrize(
    "condition",
    [
        "leverage > 50.0001 AND leverage < 50.0009",
        "leverage * 2 BETWEEN 99 AND 101",
        "leverage - hedging > 50",
        "leverage / hedging > 3",
        "leverage + hedging BETWEEN 149 AND 151",
    ],
)
def test_a_narrow_condition_that_can_hold_is_accepted(book: Path, condition: str) -> None:
    (book / "redlines.yaml").write_text(SOUND.replace("leverage >= 50", condition), encoding="utf-8")
    assert load_rulebook(book, INPUT_SCHEMA).rules


def test_a_condition_over_many_columns_is_checked_within_seconds(book: Path) -> None:
    columns = [name for name, kind in INPUT_SCHEMA.items() if kind.is_float()][:16]
    many = " OR ".join(f"{name} > 1" for name in columns)[:280].rpartition(" OR ")[0]
    (book / "redlines.yaml").write_text(SOUND.replace("leverage >= 50", many), encoding="utf-8")
    assert load_rulebook(book, INPUT_SCHEMA).rules
