"""The transfer tables: loaded completely, and refused with file and line if anything in them is invalid."""

import shutil
from pathlib import Path

import pytest

from features.bad_input import BadInput
from features.snapshot.snapshot import CURRENT_SNAPSHOT
from risk.cases.pair_scores import build_pair_table, compute_pair_score
from risk.cases.tables.entry_types import RISKS
from risk.cases.tables.loading import TABLE_FILES, TransferTables, load_transfer_tables
from risk.rules.loading import RULEBOOK_FOLDER
from risk.rules.rulebook import Rulebook
from risk.rules.rulebook_files import read_rulebook
from risk.workflows.compare_rulebooks import check_rulebook
from tests.risk.cases.transfer_cases import parse_pair_digits


@pytest.fixture(scope="module")
def book() -> Rulebook:
    return check_rulebook(snapshot=CURRENT_SNAPSHOT)


@pytest.fixture(scope="module")
def tables(book: Rulebook) -> TransferTables:
    return load_transfer_tables(read_rulebook(RULEBOOK_FOLDER), book)


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    return Path(shutil.copytree(RULEBOOK_FOLDER / "transfers", tmp_path / "transfers"))


def test_the_rule_and_its_exceptions_give_every_digit_of_the_table(tables: TransferTables) -> None:
    found = build_pair_table(tables)
    keys = [(item.id, user.id) for item in tables.items for user in tables.end_users]
    digit_texts = {}
    for key, row in zip(keys, found.iter_rows(named=True), strict=True):
        digits = [row[f"{risk}_base"] for risk in RISKS]
        digit_texts[key] = "-" if digits[0] is None else "".join(map(str, digits))
    expected = parse_pair_digits()
    assert {key: digit_texts[key] for key in expected} == expected and len(expected) == 40 * 9


def test_a_pair_is_the_rounded_root_of_the_product_and_a_zero_stays_zero() -> None:
    assert [
        compute_pair_score(4, 4),
        compute_pair_score(1, 2),
        compute_pair_score(2, 3),
        compute_pair_score(0, 4),
        compute_pair_score(4, 0),
    ] == [4, 1, 2, 0, 0]


def test_armed_forces_have_the_worst_of_the_services_the_item_is_expected_with(tables: TransferTables) -> None:
    found, digits = build_pair_table(tables), parse_pair_digits()
    keys = [(item.id, user.id) for item in tables.items for user in tables.end_users]
    for key, row in zip(keys, found.iter_rows(named=True), strict=True):
        if key[1] == "armed_forces":
            single = [digits[key[0], user] for user in ("army", "air_force", "navy")]
            worst = [max((one[place] for one in single if one != "-"), default=None) for place in range(5)]
            assert [None if d is None else int(d) for d in worst] == [row[f"{risk}_base"] for risk in RISKS], key


def test_every_score_has_a_reason_and_a_source_and_the_warning_says_judgement(tables: TransferTables) -> None:
    for one in (*tables.items, *tables.end_users):
        assert one.because and one.source
    assert "judgement" in tables.warning and "no published rating" in tables.warning


def test_every_programme_user_and_objective_of_the_design_is_accepted(tables: TransferTables) -> None:
    programmes = {"fms", "dcs", "fmf", "eda", "imet", "section_333", "lease", "loan"}
    assert programmes <= {one.id for one in tables.programmes}
    assert {one.id for one in tables.objectives if one.owner == "Defense"} == {
        "lasting_capacity",
        "posture_access",
        "short_term_capacity",
        "real_time_response",
    }
    assert len(tables.items) == 40 and len(tables.end_users) == 10


BROKEN = [
    ("items", "repression: 4, civilian", "repression: 5, civilian", r"items.yaml, I, line \d+: scores.repression"),
    ("items", "because: Every police", "becuase: Every police", r"items.yaml, I, line \d+: unknown key 'becuase'"),
    ("items", "- id: II\n", "- id: I\n", r"items.yaml, I, line \d+: 'I' appears twice"),
    ("items", "[israel_rifles_2023,", "[invented_2023,", r"items.yaml, I, line \d+: precedents names 'invented_2023'"),
    (
        "items",
        "swap: Craft for survey and rescue",
        'swap: ""',
        r"items.yaml, .*: swap: is empty; write a text or delete the key",
    ),
    ("end_users", "together: [army,", "together: [militia,", r"end_users.yaml, armed_forces, line \d+: together names"),
    ("pairs", "item: XX,", "item: XXX,", r"pairs.yaml, line \d+: item names 'XXX'"),
    ("pairs", "raised: {intelligence: {repression: 4}}", "raised: {intelligence: {repression: 5}}", "pairs.yaml, line"),
    ("programmes", "rules: [dcs]", "rules: [gifts]", r"programmes.yaml, dcs, line \d+: rules.0"),
    ("programmes", "- id: pko", "- id: invented_programme", "names 'pko'"),
    (
        "notifications",
        "counts: years, years: 1,",
        "counts: years,",
        r"notifications.yaml, aeca_62, line \d+: years has the wrong amounts",
    ),
    ("notifications", "group_usd: 25000000", "group_usd: 1000000", "is below usd"),
    (
        "notifications",
        "  days: 15\n",
        "",
        r"notifications.yaml, usc_333, line \d+: days and group_days are required with a threshold",
    ),
    ("pressures", "weight: 0.5,", "weight: 0.4,", r"pressures.yaml, diversion, line \d+: the weights"),
    (
        "pressures",
        "vdem_corruption",
        "vdem_bribes",
        r"pressures.yaml, diversion, line \d+: 'vdem_bribes' is not a numeric column",
    ),
    ("pressures", "pts_mean >= 3.5", "pts_meen >= 3.5", r"pressures.yaml, repression, line \d+: .*pts_meen"),
    ("pressures", "_sum5_nb >= 1000", "_sum5_nx >= 1000", r"pressures.yaml, aggression, line \d+: .*_sum5_nx"),
    (
        "pressures",
        "    items_from: 2\n",
        "",
        r"pressures.yaml, repression, line \d+: the key 'record.items_from' is missing",
    ),
    ("pressures", "elevated: 15", "elevated: 4", "starts must rise"),
    ("questions", "unknown: quantity", "unknown: colour", r"questions.yaml, quantity, line \d+: unknown"),
    ("safer", "objectives: [governance", "objectives: [peace, governance", r"safer.yaml, civilian_means, line \d+"),
    (
        "narrowing",
        "[coast_guard_only]",
        "[invented_rule]",
        r"narrowing.yaml, line \d+: no rule has the id 'invented_rule'",
    ),
    (
        "narrowing",
        "[coast_guard_only]",
        "[commerce_firearms]",
        r"narrowing.yaml, line \d+: 'commerce_firearms' has two entries",
    ),
    ("narrowing", "reaches: [fmf,", "programmes: [fmf,", "a trigger needs reaches and no other limit"),
    ("gap", "[ability,", "[an,", r"gap.yaml, gap_2026, line \d+: empty_words: 'an' is not a word"),
    ("about", "value: 2", "value: 9", r"about.yaml, matters_from, line \d+: value"),
]


@pytest.mark.parametrize(("file", "was", "now", "message"), BROKEN, ids=[f"{b[0]}: {b[2][:30]}" for b in BROKEN])
def test_a_broken_entry_is_refused_with_file_and_line(
    book: Rulebook, copy: Path, file: str, was: str, now: str, message: str
) -> None:
    path = copy / f"{file}.yaml"
    text = path.read_text()
    assert was in text
    path.write_text(text.replace(was, now) if file == "programmes" else text.replace(was, now, 1))
    with pytest.raises(BadInput, match=message) as error:
        load_transfer_tables(read_rulebook(copy.parent), book)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("file", sorted(TABLE_FILES))
def test_a_missing_file_is_refused(copy: Path, file: str) -> None:
    (copy / f"{file}.yaml").unlink()
    with pytest.raises(BadInput, match=f"{file}.yaml: there is no such file"):
        load_transfer_tables(read_rulebook(copy.parent))


def test_a_strange_file_is_refused(copy: Path) -> None:
    (copy / "invented.yaml").write_text("- {id: a}\n")
    with pytest.raises(BadInput, match=r"invented.yaml: not a transfer table"):
        load_transfer_tables(read_rulebook(copy.parent))


def test_checking_the_rulebook_checks_these_tables_too(tmp_path: Path) -> None:
    folder = Path(shutil.copytree(RULEBOOK_FOLDER, tmp_path / "rulebook"))
    path = folder / "transfers" / "items.yaml"
    path.write_text(path.read_text().replace("coup: 2", "coup: 7", 1))
    with pytest.raises(BadInput, match=r"items.yaml, I, line \d+: scores.coup"):
        check_rulebook(folder, snapshot=CURRENT_SNAPSHOT)


def test_a_changed_score_leaves_the_rules_that_decisions_follow_as_they_were(tmp_path: Path) -> None:
    folder = Path(shutil.copytree(RULEBOOK_FOLDER, tmp_path / "rulebook"))
    before = read_rulebook(folder).rules_checksum
    items, redlines = folder / "transfers" / "items.yaml", folder / "redlines.yaml"
    items.write_text(items.read_text().replace("coup: 2", "coup: 3", 1))
    assert read_rulebook(folder).rules_checksum == before
    redlines.write_text(redlines.read_text() + "# changed\n")
    assert read_rulebook(folder).rules_checksum != before
