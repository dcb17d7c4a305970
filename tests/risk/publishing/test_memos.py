"""Memos become files of their own, inside the folder they are written to, whatever a case is called."""

import re
from pathlib import Path

import pytest
from hypothesis import given as for_any
from hypothesis import strategies as some

from features.bad_input import BadInput
from features.snapshot.snapshot import CURRENT_SNAPSHOT
from risk.publishing.memos import LONGEST_NAME, MOST_MEMOS, build_file_names, write_memos
from risk.report.site.case_guide import SAMPLE_CASE
from risk.workflows.review_cases import review_case_file
from tests.conftest import FinishedRun
from tests.risk.cases.invented_cases import INVENTED_TEXTS, build_case_row, build_returned_row
from tests.risk.invented_outputs import build_invented_inputs

OUTSIDE = (
    "../../escaped",
    "/etc/passwd",
    "..",
    ".",
    "",
    "C:\\x",
    "a/b",
    "a\\b",
    "con",
    "nul",
    "~root",
    "-rf",
    "a\x00b",
)


@pytest.mark.parametrize("name", OUTSIDE)
def test_no_id_leaves_the_folder(name: str, tmp_path: Path) -> None:
    folder = tmp_path / "deep" / "memos"
    names = write_memos(folder, [build_case_row(id=name)], build_invented_inputs(), INVENTED_TEXTS, "html")
    assert [path.relative_to(folder).as_posix() for path in tmp_path.rglob("*") if path.is_file()] == names


def test_a_plain_id_is_the_name_of_its_file() -> None:
    assert build_file_names(["EGY-2026_1", "b2"]) == ["EGY-2026_1", "b2"]


def test_ids_that_would_share_a_file_do_not() -> None:
    names = build_file_names(["a/b", "a\\b", "a-b", "A-B", "a-b", "a-b-2"])
    assert len({name.casefold() for name in names}) == len(names)
    assert names[2] == "a-b"


@for_any(some.lists(some.text(max_size=100), max_size=20))
def test_file_names_are_plain_distinct_and_short(ids: list[str]) -> None:
    names = build_file_names(ids)
    assert len({name.casefold() for name in names}) == len(ids)
    for name in names:
        assert re.fullmatch(r"[A-Za-z0-9_][A-Za-z0-9_-]*", name)
        assert len(name) <= LONGEST_NAME + 15
    assert build_file_names(ids) == names


def test_all_formats_are_written_twice_alike(tmp_path: Path) -> None:
    rows = [build_case_row(), build_returned_row(id="ALD-2")]
    for folder in ("first", "second"):
        names = write_memos(tmp_path / folder, rows, build_invented_inputs(), INVENTED_TEXTS, "all")
    assert names == [f"ALD-{number}.{form}" for number in (1, 2) for form in ("docx", "html", "pdf")]
    for name in names:
        assert (tmp_path / "first" / name).read_bytes() == (tmp_path / "second" / name).read_bytes()


def test_an_unknown_format_and_too_many_cases_are_refused_before_anything_is_written(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="unknown format 'rtf', expected one of html, pdf, docx, all"):
        write_memos(tmp_path / "memos", [build_case_row()], build_invented_inputs(), INVENTED_TEXTS, "rtf")
    with pytest.raises(BadInput, match=r"--format html: 1,001 cases, expected at most 1,000 for memos"):
        write_memos(
            tmp_path / "memos", [build_case_row()] * (MOST_MEMOS + 1), build_invented_inputs(), INVENTED_TEXTS, "html"
        )
    assert not (tmp_path / "memos").exists()


def test_a_file_of_cases_becomes_memos_beside_its_results_with_all_that_the_case_gave(
    finished_run: FinishedRun, tmp_path: Path
) -> None:
    file = tmp_path / "sample.yaml"
    file.write_text(f"{SAMPLE_CASE}use_terms: true\nnote: Asked for by <the embassy>\n", encoding="utf-8")
    done = review_case_file(file, finished_run.out, form="html", snapshot=CURRENT_SNAPSHOT)
    memo = (done.folder / "EGY-helicopters.html").read_text(encoding="utf-8")
    assert "Asked for by &lt;the embassy&gt;" in memo
    assert "<dt>Major defense equipment</dt><dd>yes</dd>" in memo
    assert "<dt>Terms already written</dt><dd>written terms of use</dd>" in memo
    for link in ("index", "EGY"):
        assert (done.folder / f"../../reports/{link}.html").is_file()
    assert not list(
        review_case_file(file, finished_run.out, form="none", snapshot=CURRENT_SNAPSHOT).folder.glob("*.html")
    )
