"""A request file from reading to answer: strict, refused in one line a fault, and the same answer twice."""

from pathlib import Path

import polars as pl
import pytest

from features.bad_input import BadInput
from features.partners import load_partners
from features.snapshot.snapshot import CURRENT_SNAPSHOT
from risk.portfolio.flows import MoneyFlows, load_money_flows
from risk.portfolio.policy import read_portfolio_policy
from risk.portfolio.what_if.output import build_price_table, summarize_what_if
from risk.portfolio.what_if.solve import WhatIfResult, solve_what_if
from risk.report.html import render_what_if_page
from risk.rules.loading import RULEBOOK_FOLDER
from risk.rules.rulebook_files import read_rulebook
from tests.risk.command_line import ROOT_FOLDER
from tests.risk.invented_outputs import build_invented_inputs

EXAMPLE = ROOT_FOLDER / "docs" / "examples" / "what_if.yaml"


@pytest.fixture(scope="module")
def money() -> MoneyFlows:
    """The real money, beside invented decisions: some partners to be wary of, Egypt under an invented trigger."""
    iso3 = pl.col("iso3")
    posture = pl.when(iso3.is_in(["SOM", "LBN"])).then(pl.lit("be_wary")).otherwise(pl.lit("invest"))
    tier = pl.when(iso3.is_in(["EGY", "ISR", "IRQ"])).then(pl.lit("severe")).otherwise(pl.lit("low"))
    triggers = pl.when(iso3 == "JOR").then(pl.lit("child_soldiers_list")).otherwise(pl.lit(""))
    decided = load_partners().select("iso3", tier=tier, posture=posture, triggers=triggers)
    return load_money_flows(decided, read_portfolio_policy(read_rulebook(RULEBOOK_FOLDER)), snapshot=CURRENT_SNAPSHOT)


def asked(folder: Path, text: str, money: MoneyFlows) -> WhatIfResult:
    """The answer to an invented request."""
    path = folder / "request.yaml"
    path.write_text(text, encoding="utf-8")
    return solve_what_if(path, money)


@pytest.fixture(scope="module")
def example(money: MoneyFlows) -> WhatIfResult:
    """The answer to the example of the documents."""
    return solve_what_if(EXAMPLE, money)


def test_the_example_keeps_its_budget_its_floors_and_its_cap(example: WhatIfResult) -> None:
    rows = example.rows
    assert rows["after_usd"].sum() == pytest.approx(rows["before_usd"].sum(), abs=1e3)
    assert rows.filter(iso3="ISR")["after_usd"].item() == pytest.approx(3.3e9, abs=1e3)
    assert rows.filter(region="Sub-Saharan Africa")["after_usd"].sum() >= 340e6 - 1e3
    assert rows.filter(region="Europe & Central Asia")["after_usd"].sum() <= 0.075 * rows["after_usd"].sum() + 1e3
    assert not rows["iso3"].is_in(["AFG", "UKR"]).any()
    room = pl.max_horizontal(0.25 * pl.col("before_usd"), pl.lit(2e6)) + 1e3
    assert rows.filter(pl.col("iso3") != "EGY", pl.col("change_usd").abs() > room).is_empty()
    assert example.points_after >= example.points_before


def test_every_binding_line_of_the_example_has_its_price_in_words(example: WhatIfResult) -> None:
    told = {price.asked: price for price in example.prices if price.kind != "change"}
    assert "budget" in told
    assert "The floor for Israel: each further $1 million there" in told["floors.0"].words
    assert build_price_table(example).height == len(example.prices)


def test_law_that_binds_a_partner_that_would_get_more_is_told(example: WhatIfResult) -> None:
    assert any("Law already binds 1 partner that would get more here (Jordan)" in note for note in example.notes)


def test_the_page_says_it_all_and_is_the_same_bytes_twice(example: WhatIfResult, money: MoneyFlows) -> None:
    first, second = (
        render_what_if_page(summarize_what_if(one, build_invented_inputs()))
        for one in (example, solve_what_if(EXAMPLE, money))
    )
    assert first == second
    assert (
        "What if: More for Asia" in first and "The floor for Israel" in first and 'href="../reports/ISR.html"' in first
    )


def test_a_hostile_title_is_escaped(money: MoneyFlows, tmp_path: Path) -> None:
    told = asked(tmp_path, "title: '<script>ran = 1</script>'\nbase: 2020\n", money)
    assert "<script>ran" not in render_what_if_page(summarize_what_if(told, build_invented_inputs()))


def test_without_priorities_and_with_the_same_budget_nothing_moves(money: MoneyFlows, tmp_path: Path) -> None:
    told = asked(tmp_path, "base: 2020\n", money)
    assert told.rows["change_usd"].abs().max() == pytest.approx(0, abs=100)


def test_accounts_limit_the_base_to_their_money(money: MoneyFlows, tmp_path: Path) -> None:
    told = asked(tmp_path, "base: 2020\naccounts: [imet]\n", money)
    imet = money.accounts.filter(account="usmil_imet_usd", year=2020)
    assert told.rows["before_usd"].sum() == pytest.approx(imet.filter(pl.col("usd") > 0)["usd"].sum(), abs=10)


def test_a_base_in_a_hole_is_refused_until_the_request_says_what_to_do(money: MoneyFlows, tmp_path: Path) -> None:
    with pytest.raises(
        BadInput, match=r"base: EGY has no figure for FY2024 in the source; .* base_values: \{EGY: dollars\}"
    ):
        asked(tmp_path, "base: 2024\n", money)
    told = asked(tmp_path, "base: 2024\nbase_values: {EGY: 1_300_000_000}\n", money)
    assert told.rows.filter(iso3="EGY")["before_usd"].item() == 1.3e9


def test_what_collides_is_told_a_line_each(money: MoneyFlows, tmp_path: Path) -> None:
    with pytest.raises(BadInput) as refused:
        asked(tmp_path, "base: 2020\nfloors: [{partner: ISR, usd: 5_000_000_000}, {partner: JOR, usd: 1}]\n", money)
    lines = str(refused.value).splitlines()
    assert "these limits cannot all hold" in lines[0] and len(lines) == 3
    assert lines[1].strip().startswith("floors.0: the floor for Israel is $5.000 billion; the largest changes allow")
    assert lines[2].strip() == "largest_change: the largest change a partner is 25% of its base"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[]", "expected keys with their values"),
        ("", "expected keys with their values"),
        ("budget: keep", "the key 'base' is missing"),
        ("base: 2019\nbugdet: keep", "unknown key 'bugdet'"),
        ("base: 2019\nbase: 2020", "the key 'base' is given twice"),
        ("base: NO", "base: expected a year from 2001 to 2024, got False"),
        ("base: 1999", "base: expected a year from 2001 to 2024, got 1999"),
        ("base: {from: 2020, to: 2018}", "base: from 2020 to 2018, expected the earlier year first"),
        ("base: 2019\nbudget: 12e9", "budget: expected keep, or dollars above 0 to 1,000,000,000,000, got '12e9'"),
        ("base: 2019\nbudget: -1", "budget: expected keep, or dollars above 0 to 1,000,000,000,000, got -1"),
        ("base: 2019\nbudget: .inf", "budget: expected keep, or dollars above 0 to 1,000,000,000,000, got inf"),
        ("base: 2019\nbudget: [1]", "budget: expected keep, or dollars above 0 to 1,000,000,000,000, got [1]"),
        ("base: 2022\naccounts: [fmf]", "base: accounts are published to 2020, expected years up to then, got 2022"),
        ("base: 2019\naccounts: [csf]", "accounts.0: expected one of fmf, imet, forces_funds, drugs, peacekeeping"),
        ("base: 2019\nleave_out: [XXX]", "leave_out.0: expected an ISO3 code, such as AFG, got 'XXX'"),
        ("base: 2019\nleave_out: [ISR, ISR]", "leave_out.1: ISR is listed twice"),
        ("base: 2019\nleave_out: [ISR]\nfloors: [{partner: ISR, usd: 1}]", "ISR is also in leave_out"),
        ("base: 2019\nfloors: [{partner: ISR, usd: .nan}]", "usd: expected dollars from 0 to 1,000,000,000,000"),
        ("base: 2019\nfloors: [{partner: ISR, usd: '5'}]", "without quotes, got '5'"),
        (
            "base: 2019\nfloors: [{partner: ISR}]",
            "floor or cap for ISR: expected usd or share, one of the two, got none",
        ),
        ("base: 2019\ncaps: [{usd: 1}]", "floor or cap: expected one of partner, region, tier, posture, got none"),
        ("base: 2019\ncaps: [{partner: ISR, region: South Asia, usd: 1}]", "got partner and region"),
        ("base: 2019\ncaps: [{region: Asia, share: 0.1}]", "caps.0.region: expected one of East Asia & Pacific;"),
        ("base: 2019\ncaps: [{partner: ISR, share: 30}]", "share: expected a share from 0 to 1, got 30"),
        ("base: 2019\nlargest_change: {}", "largest change: expected share, usd or both, got neither"),
        ("base: 2019\npriorities: {posture: {be_wary: lots}}", "posture: expected points from -100 to 100, got 'lots'"),
        ("base: 2019\npriorities: {posture: {wary: 1}}", "priorities.posture.wary: expected one of be_wary; invest"),
        ("base: 2019\ntitle: !!python/object:os.system x", "gives a value a type: write the value alone"),
        ("a: &a [1]\nb: *a", "does not refer to a single value above"),
        ("base: [" * 20, "nested more than 12 levels deep"),
        ("base: {", "not readable as YAML"),
    ],
)
def test_a_request_that_is_not_as_expected_is_refused_in_one_line(
    text: str, message: str, money: MoneyFlows, tmp_path: Path
) -> None:
    with pytest.raises(BadInput) as refused:
        asked(tmp_path, text, money)
    assert message in str(refused.value) and "\n" not in str(refused.value)
    assert str(refused.value).startswith("request.yaml")


def test_a_request_that_is_not_there_or_too_long_is_refused(money: MoneyFlows, tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="there is no such file"):
        solve_what_if(tmp_path / "none.yaml", money)
    with pytest.raises(BadInput, match="larger than"):
        asked(tmp_path, "# " + "x" * 1_000_001, money)
