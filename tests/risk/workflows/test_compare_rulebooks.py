"""What a change of the rulebook does, on the outputs of one real run."""

import shutil
import subprocess
from collections.abc import Callable
from datetime import date
from pathlib import Path

import polars as pl
import pytest

from features.bad_input import BadInput
from features.snapshot.snapshot import CURRENT_SNAPSHOT
from risk.rules.loading import RULEBOOK_FOLDER
from risk.workflows.compare_rulebooks import compare_rulebooks
from tests.conftest import FinishedRun
from tests.risk.command_line import run_command

OLD = str(RULEBOOK_FOLDER)
Edit = Callable[..., str]


@pytest.fixture
def edited(tmp_path: Path) -> Edit:
    """A copy of the rulebook in which texts of one file are replaced, one call after another."""
    copy = Path(shutil.copytree(RULEBOOK_FOLDER, tmp_path / "copy"))

    def edit(file: str, *pairs: tuple[str, str]) -> str:
        text = (copy / file).read_text(encoding="utf-8")
        for old, new in pairs:
            assert old in text
            text = text.replace(old, new, 1)
        (copy / file).write_text(text, encoding="utf-8")
        return str(copy)

    return edit


def test_the_same_rulebook_changes_nothing(finished_run: FinishedRun, edited: Edit) -> None:
    changes = compare_rulebooks(OLD, edited("redlines.yaml"), finished_run.out, snapshot=CURRENT_SNAPSHOT)
    assert changes.entries.is_empty() and changes.partners.is_empty()


def test_a_rule_taken_out_is_lost_by_those_who_had_it_and_gained_the_other_way(
    finished_run: FinishedRun, edited: Edit
) -> None:
    text = (RULEBOOK_FOLDER / "messages.yaml").read_text(encoding="utf-8")
    start = text.index("- id: say_what_good_conduct_brings")
    rule = text[start : text.index("- id: ", start + 1)]
    new = edited("messages.yaml", (rule, ""))
    Path(new, "conflicts.yaml").unlink()
    there, back = (
        compare_rulebooks(OLD, new, finished_run.out, snapshot=CURRENT_SNAPSHOT),
        compare_rulebooks(new, OLD, finished_run.out, snapshot=CURRENT_SNAPSHOT),
    )
    assert ("message", "say_what_good_conduct_brings", "removed", "") in there.entries.rows()
    had = finished_run.result.decisions.filter(rule="say_what_good_conduct_brings").select("iso3", "result").rows()
    assert had and there.partners.filter(what="rule lost").select("iso3", "before").rows() == had
    assert back.partners.filter(what="rule gained").select("iso3", "after").rows() == had


def test_a_changed_condition_benchmark_and_reward_are_told_apart(finished_run: FinishedRun, edited: Edit) -> None:
    new = edited(
        "positive_conditions.yaml",
        ("{measure: vdem_rule_of_law, improve_by: 0.05", "{measure: vdem_rule_of_law, improve_by: 0.1"),
        ("Night vision, portable missiles", "Night vision"),
    )
    changes = compare_rulebooks(OLD, new, finished_run.out, snapshot=CURRENT_SNAPSHOT)
    assert changes.entries.rows() == [
        ("positive_condition", "inventory_by_serial_number", "changed", "unlocks"),
        ("positive_condition", "judicial_followup_before_deliveries", "changed", "benchmark"),
    ]
    told = changes.partners.select("what", "rule").unique().sort("what").rows()
    assert told == [
        ("benchmark", "judicial_followup_before_deliveries"),
        ("reward", "inventory_by_serial_number"),
    ]
    first = changes.partners.filter(what="benchmark").row(0, named=True)
    assert first["before"].startswith("vdem_rule_of_law ") and first["before"] != first["after"]


def test_moved_cuts_change_tiers_postures_and_the_rules_that_read_them(finished_run: FinishedRun, edited: Edit) -> None:
    new = edited("tiers.yaml", ("elevated: 0.15, high: 0.40, severe: 0.75", "elevated: 0.15, high: 0.20, severe: 0.75"))
    changes = compare_rulebooks(OLD, new, finished_run.out, snapshot=CURRENT_SNAPSHOT)
    assert changes.entries.rows() == [("tiers", "misuse_tiers_2025", "changed", "starts")]
    between = finished_run.result.scores.filter(
        pl.col("outcome") == "misuse", pl.col("probability") >= 0.20, pl.col("probability") < 0.40
    )
    moved = changes.partners.filter(what="tier of misuse")
    assert moved["iso3"].to_list() == between["iso3"].to_list() and moved.height > 0
    assert set(moved["before"]) == {"elevated"} and set(moved["after"]) == {"high"}
    assert changes.partners.filter(what="rule gained", rule="score_as_principal_basis").height > 0


def test_a_moved_posture_and_a_list_that_became_known_are_told(finished_run: FinishedRun, edited: Edit) -> None:
    new = edited("postures.yaml", ("valued_from: 30", "valued_from: 20"))
    postures = compare_rulebooks(OLD, new, finished_run.out, snapshot=CURRENT_SNAPSHOT).partners
    assert set(postures["what"]) == {"posture"} and {"limit", "be_wary"} >= set(postures["before"])
    new = edited("designations/terrorism_sponsor.yaml", ("status: verify", "status: confirmed"))
    changes = compare_rulebooks(OLD, new, finished_run.out, snapshot=CURRENT_SNAPSHOT)
    assert ("designations", "terrorism_sponsor", "changed", "memberships") in changes.entries.rows()


def test_a_past_decision_is_made_again_though_rules_tiers_and_lists_have_moved_on(
    finished_run: FinishedRun, edited: Edit
) -> None:
    ended = "in_force: [{from: 2025-01-01, to: 2026-06-30}]"
    edited("redlines.yaml", ("in_force: [{from: 2025-01-01}]", ended))
    tiers = (RULEBOOK_FOLDER / "tiers.yaml").read_text(encoding="utf-8")
    cut = tiers[tiers.index("- id: misuse_tiers_2025") : tiers.index("- id: state_terror_tiers_2025")]
    later = cut.replace("2025-01-01", "2026-07-01").replace("tiers_2025", "tiers_2026").replace("0.40", "0.20")
    edited("tiers.yaml", (cut, cut.replace("in_force: [{from: 2025-01-01}]", ended) + later))
    listing = "memberships:\n  - {iso3: [FRA], from: 2026-07-01, source: Invented for a test, status: confirmed}\n"
    new = edited("designations/terrorism_sponsor.yaml", ("memberships:\n", listing))
    before = compare_rulebooks(OLD, new, finished_run.out, CURRENT_SNAPSHOT, date(2026, 6, 30))
    after = compare_rulebooks(OLD, new, finished_run.out, CURRENT_SNAPSHOT, date(2026, 7, 1))
    assert before.partners.is_empty() and before.entries.height == 4
    told = after.partners.select("what", "rule").unique().rows()
    assert ("rule lost", "no_strikes_on_civilians_with_our_munitions") in told and ("tier of misuse", "") in told
    gained = after.partners.filter(what="rule gained").select("iso3", "rule").rows()
    assert ("FRA", "state_sponsor_of_terrorism") in gained


def git(folder: Path, *arguments: str) -> None:
    identity = ("-c", "user.name=Nobody", "-c", "user.email=nobody@example.org")
    subprocess.run(["git", *identity, *arguments], cwd=folder, check=True, capture_output=True)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A rulebook in a repository of its own, with a tag on an earlier state."""
    if shutil.which("git") is None:
        pytest.skip("git is not there")
    folder = Path(shutil.copytree(RULEBOOK_FOLDER, tmp_path / "repository" / "risk" / "rulebook"))
    messages = folder / "messages.yaml"
    text = messages.read_text(encoding="utf-8")
    messages.write_text(text.replace("One letter for State", "One note for State"), encoding="utf-8")
    git(folder.parents[1], "init", "--quiet")
    git(folder, "add", ".")
    git(folder, "commit", "--quiet", "-m", "One note")
    git(folder, "tag", "earlier")
    messages.write_text(text, encoding="utf-8")
    git(folder, "commit", "--quiet", "--all", "-m", "One letter")
    return folder


def test_a_revision_is_read_from_the_repository(finished_run: FinishedRun, home: Path) -> None:
    for old, new in (("earlier", OLD), ("HEAD~1", "HEAD"), ("earlier", str(home))):
        changes = compare_rulebooks(old, new, finished_run.out, home=home, snapshot=CURRENT_SNAPSHOT)
        assert changes.entries.rows() == [("message", "one_voice", "changed", "title")]
        assert changes.partners.is_empty()


@pytest.mark.parametrize("name", ["no_such_tag", "HEAD~99", "--output=x", "", "HEAD:risk"])
def test_a_name_that_is_neither_folder_nor_revision_is_refused(
    finished_run: FinishedRun, home: Path, name: str
) -> None:
    with pytest.raises(BadInput, match="is neither a folder nor a revision") as refused:
        compare_rulebooks(name, OLD, finished_run.out, home=home, snapshot=CURRENT_SNAPSHOT)
    assert "\n" not in str(refused.value)


def test_a_revision_without_a_rulebook_and_a_folder_in_no_repository_are_refused(
    finished_run: FinishedRun, home: Path, tmp_path: Path
) -> None:
    git(home, "checkout", "--quiet", "--orphan", "empty")
    git(home, "rm", "-r", "--quiet", "--cached", ".")
    git(home, "commit", "--quiet", "--allow-empty", "-m", "Nothing")
    with pytest.raises(BadInput, match="'HEAD' has no rulebook: risk/rulebook does not exist at that revision"):
        compare_rulebooks("HEAD", OLD, finished_run.out, home=home, snapshot=CURRENT_SNAPSHOT)
    outside = Path(shutil.copytree(RULEBOOK_FOLDER, tmp_path / "outside"))
    with pytest.raises(BadInput, match="is not in a git repository"):
        compare_rulebooks("HEAD", OLD, finished_run.out, home=outside, snapshot=CURRENT_SNAPSHOT)


def test_the_side_that_cannot_be_read_is_named(finished_run: FinishedRun, edited: Edit) -> None:
    new = edited("messages.yaml", ("kind: message", "kind: massage"))
    with pytest.raises(BadInput, match=r"copy: messages\.yaml, tell_early_and_often, line 3: kind"):
        compare_rulebooks(OLD, new, finished_run.out, snapshot=CURRENT_SNAPSHOT)


def test_the_command_prints_both_tables_and_says_when_there_is_no_last_run(
    finished_run: FinishedRun, edited: Edit, tmp_path: Path
) -> None:
    new = edited("postures.yaml", ("valued_from: 30", "valued_from: 20"))
    ended = run_command("rules", "diff", OLD, new, "--out", finished_run.out)
    assert ended.returncode == 0, ended.stderr
    assert "postures  postures_2026  changed  valued_from" in ended.stdout
    assert "Partners whose decisions change: " in ended.stdout
    ended = run_command("rules", "diff", OLD, new, "--out", tmp_path)
    assert ended.returncode == 1
    assert ended.stderr == f"risk: {tmp_path / 'scores.parquet'}: not there yet; run `make score` first\n"
