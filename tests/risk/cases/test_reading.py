"""Cases from files: rows in order, rejects next to results, and nothing lost when a run is stopped."""

import json
import os
import signal
from collections.abc import Callable
from datetime import date
from pathlib import Path
from time import monotonic, sleep
from typing import Any

import polars as pl
import pytest

from bench.cases import invent_cases
from features.bad_input import BadInput
from features.snapshot.snapshot import CURRENT_SNAPSHOT
from risk.cases import streaming as batch
from risk.cases.reading import case_files as reading
from risk.cases.reading.case_files import CasePart, read_parts
from risk.cases.reading.csv_rows import read_csv_rows
from risk.cases.review import ReviewContext
from risk.cli.output.cases import show_cases
from risk.outputs.writing import stage_outputs
from risk.workflows import review_cases as case_review
from risk.workflows.review_cases import load_review_context, review_case_file
from tests.conftest import FinishedRun
from tests.risk.cases.transfer_cases import INVENTED_CASE, build_cases, format_case_csv
from tests.risk.command_line import read_contents, run_command, start_command

ROOT = Path(__file__).resolve().parents[3]
Write = Callable[[str, str | bytes], Path]


@pytest.fixture(scope="module")
def desk(finished_run: FinishedRun) -> ReviewContext:
    return load_review_context(finished_run.out)[0]


@pytest.fixture
def out(finished_run: FinishedRun, desk: ReviewContext, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The outputs of the finished run, seen from a folder of their own; the rulebook is read once for all tests."""
    monkeypatch.setattr(case_review, "load_review_context", lambda _: (desk, date(2026, 11, 23)))
    folder = tmp_path / "out"
    folder.mkdir()
    for path in finished_run.out.iterdir():
        if path.name in ("standing.parquet", "decisions.parquet", "run.json"):
            (folder / path.name).symlink_to(path)
    return folder


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def written(name: str, content: str | bytes) -> Path:
        path = tmp_path / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    return written


def rejects(folder: Path) -> list[dict[str, Any]]:
    return pl.read_csv(folder / "rejects.csv").to_dicts()


def test_good_rows_are_reviewed_and_bad_ones_rejected_with_line_and_reason(out: Path, write: Write) -> None:
    text = format_case_csv(
        {}, {"id": "b", "item": "XXX"}, {"id": "c", "gap": "capability"}, {"id": "d", "partner": "LIE"}
    )
    done = review_case_file(write("mixed.csv", text), out, snapshot=CURRENT_SNAPSHOT)
    tally = done.tally
    assert (tally.rows, tally.reviewed, tally.sent_back, tally.referred, tally.rejected) == (4, 2, 1, 1, 1)
    assert pl.read_parquet(done.folder / "results.parquet")["id"].to_list() == ["invented-1", "c", "d"]
    (bad,) = rejects(done.folder)
    assert (bad["line"], bad["id"], bad["field"], bad["value"]) == (3, "b", "item", "XXX")
    summary = json.loads((done.folder / "summary.json").read_text())
    assert (summary["reviewed"], summary["rejected"], summary["referred"]) == (2, 1, 1)
    assert "judgement" in summary["warning"] and summary["decided_as_of"]


def test_line_numbers_count_lines_within_quotes_and_blank_ones(out: Path, write: Write) -> None:
    two_lines = "Posts 4 to 9 on the northern road\ncannot see vehicles at night before 2028"
    text = format_case_csv({"gap": two_lines}, {"id": "b", "partner": "XX"}).replace("\nb,", "\n\nb,")
    bad = rejects(review_case_file(write("quoted.csv", text), out, snapshot=CURRENT_SNAPSHOT).folder)
    assert [row["line"] for row in bad] == [5]


def test_ragged_and_badly_encoded_rows_are_rejects_and_cost_no_other(out: Path, write: Write) -> None:
    lines = format_case_csv({}, {"id": "b"}, {"id": "c"}, {"id": "d"}, {"id": "e"}).encode().splitlines(keepends=True)
    lines[2] = b"b,EGY,fms\n"
    lines[3] = lines[3].replace(b"northern", b"n\xf6rdlich")
    lines[4] = lines[4].replace(b"no\n", b'"no\n')
    done = review_case_file(write("rough.csv", b"".join(lines)), out, snapshot=CURRENT_SNAPSHOT)
    assert done.tally.reviewed == 2 and done.tally.rejected == 3
    assert [(row["line"], row["field"]) for row in rejects(done.folder)] == [(3, "row"), (4, "row"), (5, "row")]
    reasons = [row["reason"] for row in rejects(done.folder)]
    assert "'3 values' is not accepted; expected 12" in reasons[0] and "not UTF-8 text (byte 0xf6" in reasons[1]
    assert pl.read_parquet(done.folder / "results.parquet")["id"].to_list() == ["invented-1", "e"]


def test_a_quote_that_is_never_closed_swallows_one_row_only(write: Write) -> None:
    rows = list(read_csv_rows(write("open.csv", 'a,b\n1,"2\n' + "3,4\n" * 500)))
    assert [row.line for row in rows if row.fault] == [2]
    assert sum(row.values == ["3", "4"] for row in rows) == 500 and rows[-1].line == 502


def test_a_line_without_end_is_one_reject_and_takes_no_memory(write: Write) -> None:
    rows = list(read_csv_rows(write("long.csv", "a,b\n" + "x" * 3_000_000 + ",1\n3,4\n")))
    assert [(row.line, bool(row.fault)) for row in rows] == [(1, False), (2, True), (3, False)]


def test_parts_of_a_file_give_what_one_case_at_a_time_gives(
    out: Path, desk: ReviewContext, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = pl.concat(invent_cases(desk.keys, 60)).drop("line")
    asked.write_parquet(tmp_path / "many.parquet")
    asked.write_csv(tmp_path / "same.csv")
    whole = pl.read_parquet(
        review_case_file(tmp_path / "many.parquet", out, snapshot=CURRENT_SNAPSHOT).folder / "results.parquet"
    )
    monkeypatch.setattr(reading, "PART_ROWS", 7)
    parted = pl.read_parquet(
        review_case_file(tmp_path / "many.parquet", out, snapshot=CURRENT_SNAPSHOT).folder / "results.parquet"
    )
    text = pl.read_parquet(
        review_case_file(tmp_path / "same.csv", out, snapshot=CURRENT_SNAPSHOT).folder / "results.parquet"
    )
    assert parted.equals(whole) and text.equals(whole) and whole.height == 60
    monkeypatch.setattr(reading, "PART_ROWS", 1)
    single = pl.read_parquet(
        review_case_file(tmp_path / "many.parquet", out, snapshot=CURRENT_SNAPSHOT).folder / "results.parquet"
    )
    assert single.equals(whole)


def test_the_same_file_gives_the_same_bytes(out: Path, write: Write) -> None:
    path = write("again.csv", format_case_csv({}, {"id": "b", "item": "XXX"}))
    first = read_contents(review_case_file(path, out, snapshot=CURRENT_SNAPSHOT).folder)
    assert read_contents(review_case_file(path, out, snapshot=CURRENT_SNAPSHOT).folder) == first and set(first) == {
        "results.parquet",
        "results.csv",
        "rejects.csv",
        "summary.json",
    }


def test_no_cell_of_a_result_or_reject_is_a_formula(out: Path, write: Write) -> None:
    gap = "=HYPERLINK posts 4 to 9 cannot see the northern road at night"
    done = review_case_file(
        write("formula.csv", format_case_csv({"gap": gap}, {"id": "b", "partner": "=1+1"})),
        out,
        snapshot=CURRENT_SNAPSHOT,
    )
    for name in ("results.csv", "rejects.csv"):
        frame = pl.read_csv(done.folder / name, infer_schema=False)
        assert not any(str(cell).startswith(("=", "+", "-", "@")) for row in frame.rows() for cell in row if cell)


def test_strict_stops_at_the_first_reject_and_leaves_nothing(out: Path, write: Write) -> None:
    path = write("strict.csv", format_case_csv({}, {"id": "b", "item": "XXX"}, {"id": "c", "partner": "XX"}))
    with pytest.raises(BadInput, match=r"strict.csv, line 3: item: 'XXX' is not accepted; expected one of I, II"):
        review_case_file(path, out, strict=True, snapshot=CURRENT_SNAPSHOT)
    assert not (out / "cases" / "strict").exists() and not read_contents(out / "cases")


def test_a_refused_file_leaves_earlier_results_whole(out: Path, write: Write) -> None:
    kept = read_contents(review_case_file(write("kept.csv", format_case_csv()), out, snapshot=CURRENT_SNAPSHOT).folder)
    with pytest.raises(BadInput):
        review_case_file(
            write("kept.csv", format_case_csv({"item": "XXX"})), out, strict=True, snapshot=CURRENT_SNAPSHOT
        )
    assert read_contents(out / "cases" / "kept") == kept


REFUSED: list[tuple[str, str | bytes, str]] = [
    ("f.csv.gz", b"\x1f\x8b", r"f.csv.gz: not a case file; use .yaml, .yml, .csv or .parquet"),
    ("f.csv", "", "f.csv: is empty; its first line must name the fields"),
    ("f.csv", format_case_csv().splitlines()[0], "f.csv: contains no cases"),
    (
        "f.csv",
        format_case_csv().replace("partner", "partnr", 1),
        r"f.csv, line 1: unknown field 'partnr'; did you mean 'partner'",
    ),
    ("f.csv", format_case_csv().replace("quantity", "item", 1), "f.csv, line 1: the field 'item' appears twice"),
    ("f.csv", format_case_csv().replace("note", "", 1).encode("utf-16"), "f.csv, line 1: not UTF-8 text"),
    ("f.parquet", b"PAR1 and no more", "f.parquet: cannot be read as Parquet"),
    ("f.yaml", "[]", "f.yaml, line 1: contains no cases"),
    ("f.yaml", "- just words", "f.yaml, line 1: expected a case"),
    ("f.yaml", "id: a\nitem: [VII, IV]\n", "f.yaml, a, line 2: item: expected one value, got several"),
    ("f.yaml", "id: a\ncolour: red\n", "f.yaml, a, line 2: unknown field 'colour'; a case has id"),
    ("f.yaml", "id: a\npartner: EGY\n", "f.yaml, a, line 1: programme: is missing; every case needs id, partner"),
    ("f.yaml", "id: a\nid: b\n", "f.yaml, line 2: the key 'id' is given twice"),
    ("f.yaml", "a: [", r"f.yaml, line \d: not readable as YAML"),
    (".csv", format_case_csv(), "the name of a case file must not be empty|not a case file; use .yaml, .yml, .csv or"),
]


@pytest.mark.parametrize(("name", "content", "message"), REFUSED, ids=[message[:40] for *_, message in REFUSED])
def test_a_file_that_cannot_be_used_is_refused_in_one_line(
    out: Path, write: Write, name: str, content: str | bytes, message: str
) -> None:
    with pytest.raises(BadInput, match=message) as error:
        review_case_file(write(name, content), out, snapshot=CURRENT_SNAPSHOT)
    assert "\n" not in str(error.value) and not read_contents(out / "cases")


def as_yaml(**changes: Any) -> str:
    return "".join(f"{name}: {value}\n" for name, value in (INVENTED_CASE | changes).items())


@pytest.mark.parametrize(
    ("field", "value"),
    [("item", "XXX"), ("partner", "egypt"), ("quantity", "many"), ("proposed", "2026-13-01"), ("use_terms", "signed")],
)
def test_a_wrong_field_in_yaml_is_told_with_its_line(out: Path, write: Write, field: str, value: str) -> None:
    text = as_yaml(**{field: value})
    line = next(n for n, row in enumerate(text.splitlines(), start=1) if row.startswith(f"{field}:"))
    with pytest.raises(BadInput, match=rf"one.yaml, invented-1, line {line}: {field}: '{value}' is not accepted; exp"):
        review_case_file(write("one.yaml", text), out, snapshot=CURRENT_SNAPSHOT)


def test_yaml_takes_one_case_or_a_list_and_no_id_twice(out: Path, write: Write) -> None:
    alone = review_case_file(write("one.yaml", as_yaml()), out, form="none", snapshot=CURRENT_SNAPSHOT)
    assert alone.results is not None and alone.results["id"].to_list() == ["invented-1"]
    listed = "".join("- " + as_yaml(id=name).replace("\n", "\n  ").rstrip() + "\n" for name in ("a", "b"))
    both = review_case_file(write("two.yml", listed), out, form="none", snapshot=CURRENT_SNAPSHOT)
    assert both.results is not None and both.results["id"].to_list() == ["a", "b"]
    with pytest.raises(BadInput, match="id: 'a' is used twice; give each case its own id"):
        review_case_file(write("two.yml", listed.replace("id: b", "id: a")), out, snapshot=CURRENT_SNAPSHOT)


def test_a_missing_run_and_changed_rules_are_refused(
    out: Path, write: Write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(case_review, "load_review_context", load_review_context)
    path = write("one.yaml", as_yaml())
    with pytest.raises(BadInput, match="standing.parquet: not there yet; run `make score` first"):
        review_case_file(path, tmp_path / "nowhere", snapshot=CURRENT_SNAPSHOT)
    record = json.loads((out / "run.json").read_text())
    (out / "run.json").unlink()
    (out / "run.json").write_text(json.dumps(record | {"rules": "of another rulebook"}))
    with pytest.raises(BadInput, match="the rules have changed since the last run; run `make score`"):
        review_case_file(path, out, snapshot=CURRENT_SNAPSHOT)


def test_two_at_once_are_refused(out: Path, write: Write) -> None:
    with stage_outputs(out / "cases"), pytest.raises(BadInput, match="another run is writing here"):
        review_case_file(write("one.csv", format_case_csv()), out, snapshot=CURRENT_SNAPSHOT)


def test_a_full_disk_leaves_earlier_results_whole(out: Path, write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write("disk.csv", format_case_csv())
    kept = read_contents(review_case_file(path, out, snapshot=CURRENT_SNAPSHOT).folder)

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(batch._ResultFile, "write_part", full)
    with pytest.raises(BadInput, match="No space left on device.*earlier outputs are unchanged"):
        review_case_file(path, out, snapshot=CURRENT_SNAPSHOT)
    assert read_contents(out / "cases" / "disk") == kept


def test_an_interrupted_review_leaves_earlier_results_whole(
    out: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "stopped.parquet"
    build_cases().write_parquet(path)
    kept = read_contents(review_case_file(path, out, snapshot=CURRENT_SNAPSHOT).folder)

    def stopped(_: Path) -> Any:
        yield CasePart(
            build_cases().with_row_index("line").cast({"line": pl.Int64}), pl.DataFrame(schema=batch.FAULT_SCHEMA)
        )
        raise KeyboardInterrupt

    monkeypatch.setattr(case_review, "read_parts", stopped)
    with pytest.raises(KeyboardInterrupt):
        review_case_file(path, out, snapshot=CURRENT_SNAPSHOT)
    assert read_contents(out / "cases" / "stopped") == kept and not (out / "cases" / ".staging").exists()


def test_interrupting_the_command_says_so_in_one_line(out: Path, desk: ReviewContext, tmp_path: Path) -> None:
    pl.concat([part.drop("line") for part in invent_cases(desk.keys, 300_000)]).write_parquet(tmp_path / "big.parquet")
    process = start_command("case", tmp_path / "big.parquet", "--out", out)
    until = monotonic() + 60
    while not list(out.glob("cases/.staging/big/*")) and process.poll() is None and monotonic() < until:
        sleep(0.05)
    os.killpg(process.pid, signal.SIGINT)
    _, stderr = process.communicate(timeout=60)
    assert process.returncode == 1 and stderr.strip() == "risk: interrupted; earlier outputs are unchanged"
    assert not read_contents(out / "cases")


def test_the_command_reviews_and_ends_with_its_code(out: Path, write: Write) -> None:
    good = run_command("case", ROOT / "docs" / "examples" / "case.yaml", "--out", out, "--format", "none")
    assert good.returncode == 0 and "Tier severe, driven by repression" in good.stdout
    assert "1 rows: 1 reviewed (0 of them referred), 0 sent back, 0 rejected" in good.stdout
    assert "no published rating" in " ".join(good.stdout.split())
    strict = run_command("case", ROOT / "docs" / "examples" / "cases.csv", "--out", out, "--strict")
    assert strict.returncode == 1 and strict.stderr.startswith("risk: cases.csv, line 7: programme: 'gift' is not")
    assert run_command("case", "--out", out).returncode == 2


def test_a_format_asked_of_a_table_is_said_to_count_for_nothing(
    out: Path, write: Write, capsys: pytest.CaptureFixture[str]
) -> None:
    done = review_case_file(write("many.csv", format_case_csv({})), out, snapshot=CURRENT_SNAPSHOT)
    for form, warned in (("docx", True), (None, False)):
        show_cases(done, form)
        assert ("Memos    none: --format docx applies only to a YAML file" in capsys.readouterr().out) is warned


def test_the_example_table_comes_to_what_the_guide_says(out: Path) -> None:
    tally = review_case_file(ROOT / "docs" / "examples" / "cases.csv", out, snapshot=CURRENT_SNAPSHOT).tally
    assert (tally.rows, tally.reviewed, tally.sent_back, tally.rejected) == (6, 4, 1, 1)


def test_parts_come_in_bounded_size(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "PART_ROWS", 3)
    build_cases(*({"id": f"c{n}"} for n in range(8))).write_parquet(tmp_path / "parts.parquet")
    parts = list(read_parts(tmp_path / "parts.parquet"))
    assert [part.rows.height for part in parts] == [3, 3, 2]
    assert [line for part in parts for line in part.rows["line"]] == [1, 2, 3, 4, 5, 6, 7, 8]
