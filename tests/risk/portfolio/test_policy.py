"""The portfolio's part of the rulebook: what does not hold is refused with file and line, and verdicts are computed."""

import re
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path

import polars as pl
import pytest

from features.bad_input import BadInput
from features.partners import load_partners
from features.snapshot.cards import RAW_FOLDER
from features.snapshot.snapshot import CURRENT_SNAPSHOT, Snapshot
from risk.portfolio.flows import load_money_flows
from risk.portfolio.policy import FILES, read_portfolio_policy
from risk.portfolio.policy_types import PLACEHOLDER, VerdictValue, refuse_typed_figures
from risk.portfolio.public_claims import Definition, define_figures
from risk.portfolio.tables import load_total_aid
from risk.portfolio.verdicts import compute_value, write_verdict
from risk.rules.loading import RULEBOOK_FOLDER
from risk.rules.rulebook_files import read_rulebook
from risk.workflows.compare_rulebooks import check_rulebook

POLICY = read_portfolio_policy(read_rulebook(RULEBOOK_FOLDER))
Definitions = Mapping[tuple[str, str], Definition]


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A rulebook of the test's own."""
    return Path(shutil.copytree(RULEBOOK_FOLDER, tmp_path / "rulebook"))


@pytest.fixture
def refused(copy: Path) -> Callable[[str, str, str], str]:
    """The one line with which the policy is refused after a text of one file is replaced."""

    def refuse(file: str, old: str, new: str) -> str:
        path = copy / "portfolio" / f"{file}.yaml"
        text = path.read_text(encoding="utf-8")
        assert old in text
        path.write_text(text.replace(old, new, 1), encoding="utf-8")
        with pytest.raises(BadInput) as refusal:
            read_portfolio_policy(read_rulebook(copy))
        assert "\n" not in str(refusal.value)
        return str(refusal.value)

    return refuse


@pytest.fixture(scope="module")
def defined() -> Definitions:
    """Every definition of the claims' figures on the real snapshot."""
    names = load_partners().select("iso3", tier=pl.lit("low"), posture=pl.lit("invest"), triggers=pl.lit(""))
    return define_figures(
        load_money_flows(names, POLICY, snapshot=CURRENT_SNAPSHOT), load_total_aid(Snapshot(RAW_FOLDER))
    )


def test_the_engine_s_own_policy_holds_by_the_snapshot() -> None:
    assert check_rulebook(snapshot=CURRENT_SNAPSHOT).rules


@pytest.mark.parametrize(
    ("file", "old", "new", "line", "what"),
    [
        ("windows", "from: 2019", "from: 2024", 2, "the years end in 2023, before they start in 2024"),
        ("windows", "series: dsca_notifications", "series: dsca", 18, "unknown series 'dsca'"),
        ("windows", "series: dsca_notifications", "series: usmil_assistance_usd", 18, "is given twice"),
        ("windows", "because: The last five before", "becuase: The last five before", 5, "unknown key 'becuase'"),
        ("periods", "from: 2019, to: 2023", "from: 2018, to: 2023", 2, "table concentration has no period from"),
        ("periods", "table: accounts", "table: account", 6, "table: input should be"),
        ("data_gaps", "  figure: none", "  figure: nothing", 8, "figure: input should be"),
        ("data_gaps", "partner: EGY", "partner: EGP", 5, "'EGP' is not the ISO3 code of a partner"),
        ("data_gaps", "as_of: 2026-11-23", "as_of: 2026-13-23", 13, "reference.as_of"),
        ("source_notes", "id: sales_end", "id: accounts_to_2020", 5, "is given twice"),
        ("named_partners", "within: europe", "within: asia", 8, "within: input should be"),
        ("named_partners", "Ukraine {usd}", "Ukraine {sum}", 8, "expected {usd} once"),
        ("named_partners", "Ukraine {usd}", "Ukraine $27 billion", 8, "'$27' is a typed figure"),
        ("claims", "({five_years})", "({five_year})", 5, "{five_year} is not a value with the key as"),
        ("claims", "({five_years})", "(8%)", 5, "'8%' is a typed figure"),
        ("claims", "{financing}; without", "the same; without", 5, "'financing' has the key as"),
        ("claims", "as: percent}", "as: percentage}", 14, "values.financing.as"),
        ("claims", "between: [0.075, 0.085]", "between: [0.085, 0.075]", 11, "expected the lower bound first"),
        ("claims", "from: 2016, to: 2020, as", "from: 2021, to: 2020, as", 11, "before they start in 2021"),
        ("claims", "    {financing}; without", "    {financing; without", 5, "unmatched brace"),
        ("tensions", "at_least: 25}", "at_least: many}", 10, "urgent.0.at_least"),
        ("tensions", "at_least: 25}", "at_least: 25, at_most: 30}", 10, "at_least or at_most, one of the two"),
        ("tensions", "urgent_read_by:", "read_by:", 15, "unknown key 'read_by'"),
    ],
)
def test_a_value_that_cannot_hold_is_refused_with_file_and_line(
    refused: Callable[[str, str, str], str], file: str, old: str, new: str, line: int, what: str
) -> None:
    message = refused(file, old, new)
    assert re.match(rf"{file}\.yaml, ([a-z0-9_]+, )?line {line}: ", message), message
    assert what in message


def test_a_strange_and_a_missing_file_are_refused(copy: Path) -> None:
    (copy / "portfolio" / "invented.yaml").write_text("[]", encoding="utf-8")
    with pytest.raises(BadInput, match=r"invented.yaml: not a file of the portfolio's rules; expected windows"):
        read_portfolio_policy(read_rulebook(copy))
    (copy / "portfolio" / "invented.yaml").rename(copy / "invented.txt")
    for stem in FILES:
        (copy / "portfolio" / f"{stem}.yaml").rename(copy / "kept")
        with pytest.raises(BadInput, match=f"{stem}.yaml: there is no such file"):
            read_portfolio_policy(read_rulebook(copy))
        (copy / "kept").rename(copy / "portfolio" / f"{stem}.yaml")


@pytest.mark.parametrize("text", ["8%", "$6.9 billion", "a 3rd", "FY16", "2016.5", "$2016", "2016%", "2020 million"])
def test_a_figure_is_no_year(text: str) -> None:
    with pytest.raises(ValueError, match="is a typed figure"):
        refuse_typed_figures("verdict", f"It was {text}.")


@pytest.mark.parametrize("text", ["FY2016 to FY2020", "in 1999, then 2020.", "{share_2020} of it", "a quarter"])
def test_years_and_placeholders_are_no_typed_figures(text: str) -> None:
    refuse_typed_figures("verdict", text)


def test_every_verdict_is_filled_and_holds_by_the_snapshot(defined: Definitions) -> None:
    message = {claim.id: write_verdict(claim, defined) for claim in POLICY.claims}
    assert [text for text in message.values() if PLACEHOLDER.search(text) or "have moved" in text] == []
    assert "reached $6.9 billion by FY2020, and $9.1 billion by FY2025" in message["jordan"]
    assert "(8%), but the years differ: 6% in FY2016, 12% in FY2020" in message["europe_and_asia"]
    assert "70% to 80% from FY2004 to FY2006 and over 80% from FY2007" in message["israel_and_egypt"]


def test_a_verdict_follows_the_data_and_gives_way_where_its_wording_no_longer_holds(defined: Definitions) -> None:
    jordan = next(claim for claim in POLICY.claims if claim.id == "jordan")
    key = ("jordan", "Military assistance, all accounts")
    for factor, message in (
        (1.1, "military assistance reached $7.6 billion by FY2020"),
        (2.0, "The figures have moved"),
    ):
        more = [(1, frame.with_columns(pl.col("usd") * factor)) for _, frame in defined[key].parts]
        assert message in write_verdict(jordan, {**defined, key: Definition(more)})


def test_the_lowest_and_highest_year_are_those_of_single_years(defined: Definitions) -> None:
    shares = {year: defined["israel_and_egypt", "Of grants"].compute(year, year) or 0.0 for year in range(2004, 2010)}
    for each_year, found in (("lowest", min(shares.values())), ("highest", max(shares.values()))):
        asked = {"of": "Of grants", "from": 2004, "to": 2009, "each_year": each_year, "as": "percent"}
        assert compute_value("israel_and_egypt", VerdictValue.model_validate(asked), defined) == found
    # No accounts are published for later years, so there is nothing to be a share of.
    late = VerdictValue.model_validate({"of": "Of grants", "from": 2021, "to": 2021, "as": "percent"})
    assert compute_value("israel_and_egypt", late, defined) is None


@pytest.mark.parametrize(
    ("folder", "file", "old", "new", "message"),
    [
        (
            "portfolio",
            "claims",
            "of: Europe alone",
            "of: Europe",
            r"europe_and_asia, line 16: unknown definition 'Europe'",
        ),
        (
            "portfolio",
            "claims",
            "id: jordan",
            "id: lebanon",
            r"lebanon, line \d+: no figures are computed",
        ),
        ("portfolio", "claims", "[0.075, 0.085]", "[0.01, 0.02]", r"line 11: five_years is 0.0826\d*, outside 0.01 to"),
        ("portfolio", "tensions", "at_most: 0.5", "at_most: half", r"tensions.yaml, counter_terrorism, line 13: "),
        (
            "portfolio",
            "tensions",
            "column: pts_mean",
            "column: pts_men",
            r"alliance, line 24: 'pts_men' is not a numeric column of",
        ),
        (".", "deadlines", "days: 7", "days: 0", r"deadlines.yaml, line 3: days: "),
        (".", "deadlines", "days: 7", "dais: 7", r"deadlines.yaml, line 3: unknown key 'dais'"),
        (".", "deadlines", "what: to reach a finding", "because: x", r"deadlines.yaml, line \d+: the key 'because' is"),
        (".", "deadlines", "then: [acknowledged,", "then: [acknowleged,", r"line 5: then names 'acknowleged'"),
        (".", "deadlines", "status: closed", "status: unfounded", r"line \d+: 'unfounded' is given twice"),
        ("designations", "arms_embargo_un", "{day: 2018-07-13", "{day: 2018-07-33", r"complete_from.day: "),
        ("designations", "arms_embargo_un", "{day: 2018-07-13", "{dya: 2018-07-13", r"line 8: unknown key"),
        (
            "transfers",
            "pairs",
            "usual: army",
            "usual: marines",
            r"pairs.yaml, line 6: usual: 'marines' must be",
        ),
    ],
)
def test_checking_the_rulebook_checks_all_that_is_judged_in_it(
    copy: Path, folder: str, file: str, old: str, new: str, message: str
) -> None:
    path = copy / folder / f"{file}.yaml"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(BadInput, match=message) as refusal:
        check_rulebook(copy, snapshot=CURRENT_SNAPSHOT)
    assert "\n" not in str(refusal.value)


def test_what_money_and_deadlines_go_by_leaves_the_rules_that_decisions_follow_as_they_were(copy: Path) -> None:
    before = read_rulebook(copy).rules_checksum
    for path in (copy / "portfolio" / "tensions.yaml", copy / "deadlines.yaml"):
        path.write_text(path.read_text(encoding="utf-8") + "# changed\n", encoding="utf-8")
    assert read_rulebook(copy).rules_checksum == before


def test_a_gap_of_any_partner_is_told_of_its_own_rows_only(copy: Path) -> None:
    path = copy / "portfolio" / "data_gaps.yaml"
    path.write_text(path.read_text(encoding="utf-8").replace("partner: EGY", "partner: JOR"), encoding="utf-8")
    names = load_partners().select("iso3", tier=pl.lit("low"), posture=pl.lit("invest"), triggers=pl.lit(""))
    aid = load_money_flows(names, read_portfolio_policy(read_rulebook(copy)), snapshot=CURRENT_SNAPSHOT).aid.filter(
        year=2024
    )
    assert aid.filter(iso3="JOR")["usd"].to_list() == [None] and aid.filter(iso3="EGY")["usd"].item() is not None
