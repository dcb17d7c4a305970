from datetime import date
from pathlib import Path

import pytest

from features.bad_input import BadInput
from features.files.yaml_with_lines import read_marked
from features.partners import load_partners
from risk.rules.designations import Designation, build_designation_columns, describe_designations, parse_designations
from risk.rules.rulebook_files import read_rulebook
from tests.risk.rules.rulebook_example import RULEBOOK_FOLDER

PARTNERS = set(load_partners()["iso3"]) | {"USA"}
LISTS = {designation.id: designation for designation in read_rulebook(RULEBOOK_FOLDER).lists}
INVENTED = """
id: invented
title: An invented list
authority: An invented law
source: An invented report
as_of: 2020-06-30
watch: {years: 2, because: Invented.}
memberships:
  - {iso3: [COL], from: 2018-01-01, to: 2018-12-31, source: Report of 2018, status: confirmed}
  - {iso3: [COL, EGY], from: 2019-01-01, source: Report of 2019, status: confirmed}
  - {iso3: [PER], from: 2019-01-01, source: From memory, status: verify}
  - {iso3: [KEN], from: 2015-01-01, to: 2016-12-31, source: Report of 2015, status: confirmed}
waivers:
  - {iso3: [COL], from: 2019-06-01, to: 2019-12-31, extent: full, source: Notice, status: confirmed}
  - {iso3: [EGY], from: 2019-06-01, to: 2019-12-31, extent: part, source: Notice, status: confirmed}
"""


def read(tmp_path: Path, text: str) -> Designation:
    (tmp_path / "invented.yaml").write_text(text, encoding="utf-8")
    return parse_designations([read_marked(tmp_path / "invented.yaml")], PARTNERS)[0]


def refusal(tmp_path: Path, text: str) -> str:
    with pytest.raises(BadInput) as refused:
        read(tmp_path, text)
    return str(refused.value)


def test_a_past_date_is_answered_from_the_list_of_that_time() -> None:
    soldiers = LISTS["child_soldiers"]
    assert soldiers.is_listed("COL", date(2024, 12, 1)) is False
    assert soldiers.is_listed("NGA", date(2021, 12, 1)) is True
    assert soldiers.is_listed("NGA", date(2024, 12, 1)) is False
    assert soldiers.is_listed("MMR", date(2018, 1, 15)) is False
    assert soldiers.is_listed("MMR", date(2018, 10, 1)) is True


def test_the_fiscal_year_turns_on_the_first_of_october() -> None:
    assert LISTS["child_soldiers"].is_listed("CMR", date(2024, 9, 30)) is False
    assert LISTS["child_soldiers"].is_listed("CMR", date(2024, 10, 1)) is True


def test_a_name_from_memory_is_unknown_and_never_listed() -> None:
    assert LISTS["child_soldiers"].is_listed("EGY", date(2024, 1, 1)) is None
    assert LISTS["proscribed_denial"].is_listed("CHN", date(2026, 1, 1)) is None
    assert LISTS["terrorism_sponsor"].is_listed("SYR", date(2026, 3, 1)) is None


def test_after_the_last_list_only_partners_lately_on_it_are_unknown() -> None:
    soldiers, day = LISTS["child_soldiers"], date(2026, 11, 24)
    assert soldiers.is_listed("SSD", day) is None
    assert soldiers.is_listed("EGY", day) is None
    assert soldiers.is_listed("NGA", day) is False
    assert soldiers.is_listed("NOR", day) is False


def test_a_list_read_more_than_twelve_months_ago_is_unknown_for_those_on_it(tmp_path: Path) -> None:
    invented = read(tmp_path, INVENTED)
    assert invented.is_listed("COL", date(2021, 6, 30)) is True
    assert invented.is_listed("COL", date(2021, 7, 1)) is None
    assert invented.is_listed("KEN", date(2021, 7, 1)) is False


def test_a_printed_end_gives_way_to_unknown() -> None:
    embargo = LISTS["arms_embargo_un"]
    assert embargo.is_listed("SSD", date(2026, 5, 31)) is True
    assert embargo.is_listed("SSD", date(2026, 6, 1)) is None


def test_a_lifted_restriction_is_gone_also_when_the_list_is_old() -> None:
    coup = LISTS["coup_restriction"]
    assert coup.is_listed("GAB", date(2024, 6, 1)) is True
    assert coup.is_listed("GAB", date(2025, 9, 20)) is False
    assert coup.is_listed("GAB", date(2026, 11, 24)) is False
    assert coup.is_listed("BFA", date(2026, 11, 24)) is None
    assert LISTS["proscribed_country"].is_listed("KHM", date(2025, 11, 6)) is True
    assert LISTS["proscribed_country"].is_listed("KHM", date(2025, 11, 7)) is False


def test_tier_3_alone_is_no_restriction() -> None:
    day = date(2025, 9, 1)
    assert LISTS["trafficking_tier3"].is_listed("KHM", day) is True
    assert LISTS["trafficking_restricted"].is_listed("KHM", day) is False
    assert LISTS["trafficking_restricted"].is_listed("NIC", day) is True


def test_a_year_whose_determination_was_not_read_is_a_gap() -> None:
    restricted = LISTS["trafficking_restricted"]
    assert restricted.is_listed("CUB", date(2022, 3, 1)) is None
    assert restricted.is_listed("NOR", date(2022, 3, 1)) is False
    assert restricted.is_listed("TCD", date(2023, 10, 1)) is True


def test_a_waiver_in_full_waives_and_a_waiver_in_part_does_not(tmp_path: Path) -> None:
    invented = read(tmp_path, INVENTED)
    assert invented.is_waived("COL", date(2019, 7, 1)) is True
    assert invented.is_waived("EGY", date(2019, 7, 1)) is False
    assert invented.is_waived("COL", date(2020, 1, 1)) is False
    assert LISTS["child_soldiers"].is_waived("NGA", date(2021, 1, 1)) is True
    assert LISTS["child_soldiers"].is_waived("SOM", date(2021, 1, 1)) is False


def test_a_waiver_nobody_confirmed_is_unknown() -> None:
    assert LISTS["child_soldiers"].is_waived("TUR", date(2025, 8, 3)) is False
    assert LISTS["child_soldiers"].is_waived("TUR", date(2025, 8, 4)) is None


def test_cyprus_is_listed_and_suspended_until_the_suspension_is_not_known() -> None:
    table = LISTS["proscribed_country"]
    assert (table.is_listed("CYP", date(2026, 9, 30)), table.is_waived("CYP", date(2026, 9, 30))) == (True, True)
    assert table.is_listed("CYP", date(2026, 10, 1)) is None


def test_the_columns_hold_one_row_a_partner_and_a_pair_a_list() -> None:
    frame = build_designation_columns(LISTS.values(), ["IRN", "COL"], date(2026, 11, 24))
    assert frame["iso3"].to_list() == ["COL", "IRN"]
    assert set(frame.columns) == {"iso3", *(f"{what}_{name}" for name in LISTS for what in ("listed", "waived"))}
    assert frame["listed_terrorism_sponsor"].to_list() == [False, True]
    assert frame["listed_major_non_nato_ally"].to_list() == [True, False]


def test_what_is_not_known_is_told_once_a_list() -> None:
    status = describe_designations(LISTS.values(), date(2026, 11, 24))
    known = dict(zip(status["list"], status["known"], strict=True))
    assert known["terrorism_sponsor"] and not known["child_soldiers"]
    assert "FY2027" in status.filter(list="child_soldiers")["note"].item()


def test_a_listing_is_told_with_its_source_and_its_doubt() -> None:
    message = LISTS["child_soldiers"].describe_listing("SSD", date(2026, 11, 24))
    assert "dpa-AFX" in message and "no list for 2026-11-24 was found" in message
    assert "perhaps listed" in LISTS["proscribed_denial"].describe_listing("CHN", date(2026, 1, 1))
    assert LISTS["terrorism_sponsor"].describe_listing("COL", date(2026, 1, 1)).startswith("Not on the list")


def test_an_unknown_code_is_refused_with_its_line(tmp_path: Path) -> None:
    message = refusal(tmp_path, INVENTED.replace("[COL, EGY]", "[COL, EGX]"))
    assert message == "invented.yaml, invented, line 10: 'EGX' is not the ISO3 code of a partner"


def test_overlapping_dates_are_refused(tmp_path: Path) -> None:
    message = refusal(tmp_path, INVENTED.replace("to: 2018-12-31", "to: 2019-01-01"))
    assert "memberships of COL overlap: from 2018-01-01 and from 2019-01-01" in message


@pytest.mark.parametrize(
    ("old", "new", "what"),
    [
        ("as_of: 2020-06-30", "as_off: 2020-06-30", "unknown key 'as_off'"),
        ("as_of: 2020-06-30\n", "", "the key 'as_of' is missing"),
        ("id: invented", "id: other", "does not match the file name"),
        ("status: verify", "status: probably", "should be 'confirmed' or 'verify'"),
        ("extent: part", "extent: some", "should be 'full' or 'part'"),
    ],
)
def test_a_list_that_does_not_say_what_it_must_is_refused(tmp_path: Path, old: str, new: str, what: str) -> None:
    assert what in refusal(tmp_path, INVENTED.replace(old, new, 1))
