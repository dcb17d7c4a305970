import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from typer.main import get_command

import risk
from features.snapshot.compile import SOURCES
from features.snapshot.snapshot import CURRENT_SNAPSHOT
from risk.cli.app import app

ROOT = Path(__file__).resolve().parents[2]
PAGES = [ROOT / name for name in ("README.md", "CONTRIBUTING.md", "CHANGELOG.md")] + sorted(ROOT.glob("docs/**/*.md"))
NAMES = [str(page.relative_to(ROOT)) for page in PAGES]
TARGETS = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
SHELL = re.compile(r"^```sh\n(.*?)^```", re.MULTILINE | re.DOTALL)
# Commands for the Windows command prompt, without make.
PROMPT = re.compile(r"^```bat\n(.*?)^```", re.MULTILINE | re.DOTALL)
# Files of the project named in the text, and tests named without their folder.
FILE = re.compile(r"`((?:features|models|risk|bench|tests|docs|\.ci)/[\w./-]+\.(?:py|yaml|md|csv))`")
TEST = re.compile(r"`(test_\w+\.py)`")
INLINE = re.compile(r"`((?:risk|make|\.venv/bin/\w+) [^`]+)`")


def commands(page: Path) -> list[list[str]]:
    """The commands of a page, in its shell blocks and in its text, each as words without its variables."""
    lines = [line for block in SHELL.findall(page.read_text()) for line in block.splitlines() if line]
    found = [shlex.split(line, comments=True) for line in lines + INLINE.findall(page.read_text())]
    return [[word for word in words if not re.match(r"[A-Z_]+=", word)] for words in found]


def prompt_commands(page: Path) -> list[list[str]]:
    """The commands of a page for the Windows command prompt, each as words, with forward slashes."""
    lines = [line for block in PROMPT.findall(page.read_text()) for line in block.splitlines() if line]
    return [line.replace("\\", "/").split() for line in lines]


def parse(words: list[str]) -> None:
    """Parse the words after `risk` like the command line, without running anything; raises on an invalid command."""
    command: Any = get_command(app)
    while hasattr(command, "commands"):
        command, words = command.commands[words[0]], words[1:]
    command.make_context("risk", words)


def anchors(page: Path) -> set[str]:
    headings = re.findall(r"^#+ (.+)$", page.read_text(), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", PAGES, ids=NAMES)
def test_every_command_shown_exists_and_takes_the_options_shown(page: Path) -> None:
    for program, *words in commands(page):
        if program == "make":
            assert TARGETS.issuperset(words), f"{page.name}: make {words}"
        elif program == "uv":
            assert words[:2] == ["run", "risk"], f"{page.name}: uv {words}"
            parse(words[2:])
        elif Path(program).name == "risk":
            parse(words)
        else:
            assert Path(program).parent == Path(".venv/bin"), f"{page.name}: {program}"
            assert all((ROOT / word).exists() for word in words if "/" in word and "://" not in word), words


def test_the_way_without_make_sets_up_an_environment_and_installs_what_is_there(tmp_path: Path) -> None:
    make, pins, engine, run = prompt_commands(ROOT / "README.md")
    assert make[0] == "python" and {Path(words[0]).parent for words in (pins, engine, run)} == {Path(".venv/Scripts")}
    subprocess.run([sys.executable, *make[1:], "--without-pip"], cwd=tmp_path, check=True)
    assert (tmp_path / ".venv" / "pyvenv.cfg").is_file()
    for program, *words in (pins, engine):
        # With all pins installed nothing is fetched or changed; this checks that pip accepts the arguments.
        command = [sys.executable, "-m", Path(program).name, *words, "--dry-run", "--no-index", "--no-build-isolation"]
        subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    assert Path(run[0]).name == "risk"
    parse(run[1:])


def test_the_readme_begins_with_the_two_commands() -> None:
    assert commands(ROOT / "README.md")[:2] == [["make", "score"], ["make", "test"]]


def test_the_readme_calls_only_functions_that_exist() -> None:
    called = set(re.findall(r"risk\.(\w+)\(", (ROOT / "README.md").read_text()))
    assert len(called) == 4 and all(callable(getattr(risk, name)) for name in called)


@pytest.mark.parametrize("page", PAGES, ids=NAMES)
def test_every_link_leads_to_a_file_and_a_heading(page: Path) -> None:
    for link in re.findall(r"\]\(([^)\s]+)\)", page.read_text()):
        if not link.startswith("https://"):
            name, _, anchor = link.partition("#")
            target = page.parent / name if name else page
            assert target.exists(), f"{page.name}: {link}"
            assert not anchor or anchor in anchors(target), f"{page.name}: {link}"


@pytest.mark.parametrize("page", [page for page in PAGES if page.name != "CHANGELOG.md"], ids=lambda page: page.name)
def test_every_file_named_is_there(page: Path) -> None:
    named = FILE.findall(page.read_text())
    assert [name for name in named if not (ROOT / name).exists()] == []
    assert [name for name in TEST.findall(page.read_text()) if not any(ROOT.glob(f"tests/**/{name}"))] == []


def test_every_source_and_every_table_with_its_years_is_documented() -> None:
    readme, data = (ROOT / "README.md").read_text(), (ROOT / "docs" / "reference" / "data.md").read_text()
    assert [source for source in SOURCES if f"| `{source}`:" not in readme] == []
    for source in SOURCES:
        for name, table in CURRENT_SNAPSHOT.read_card(source).tables.items():
            row = next(line for line in data.splitlines() if line.startswith(f"| `{source}` | `{name}` |"))
            assert row.endswith(f" {table.absent} | {table.max_age} |")
            assert str(table.latest_year or "spells") in row
