"""The shape of the house: entries at the top of each package, floors of imports, names of functions."""

import ast
import functools
from collections.abc import Iterator, Mapping
from pathlib import Path

import grimp
import pytest

ROOT = Path(__file__).resolve().parents[1]
PACKAGES = ("bench", "features", "models", "risk")
# What a newcomer can take in at one look.
MOST_ENTRIES = {"features": 14, "models": 9, "risk": 14}
# Rooms are the packages, and inside risk its folders; a floor stands on all the floors that its files import from.
MOST_FLOORS = 9


def room(module: str) -> str:
    """The room of a module: `risk.cases` for risk.cases.review, `models` for models.training.train."""
    parts = module.split(".")
    return ".".join(parts[:2]) if parts[0] == "risk" else parts[0]


@pytest.fixture(scope="module")
def imports() -> Mapping[str, set[str]]:
    """The rooms that each room imports from, imports inside functions included."""
    graph = grimp.build_graph(*PACKAGES)
    found: dict[str, set[str]] = {room(module): set() for module in graph.modules}
    for module in graph.modules:
        above = room(module)
        found[above] |= {room(other) for other in graph.find_modules_directly_imported_by(module)} - {above}
    return found


def count_floors(imports: Mapping[str, set[str]]) -> int:
    """The rooms on the longest way down; a way that comes back to where it was is an error."""

    @functools.cache
    def floor(above: str, way: tuple[str, ...] = ()) -> int:
        assert above not in way, f"imports run in a circle: {' > '.join((*way, above))}"
        return 1 + max((floor(below, (*way, above)) for below in imports[above]), default=0)

    return max(floor(name) for name in imports)


def function_names(package: str) -> Iterator[str]:
    """The names of all functions and methods of a package, without those that Python itself calls."""
    for path in (ROOT / package).rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and not node.name.startswith("__"):
                yield node.name


def mean_words(package: str) -> float:
    """How many words a function's name has in the mean."""
    words = [len([word for word in name.split("_") if word]) for name in function_names(package)]
    return sum(words) / len(words)


@pytest.mark.parametrize("package", MOST_ENTRIES)
def test_a_package_has_no_more_entries_than_one_look_takes_in(package: str) -> None:
    entries = [path.name for path in (ROOT / package).iterdir() if path.name != "__pycache__"]
    assert len(entries) <= MOST_ENTRIES[package], sorted(entries)


def test_imports_run_down_few_floors_and_in_no_circle(imports: Mapping[str, set[str]]) -> None:
    floors = count_floors(imports)
    print(f"{len(imports)} rooms on {floors} floors")
    assert floors <= MOST_FLOORS


def test_a_circle_of_imports_is_found() -> None:
    with pytest.raises(AssertionError, match="risk.a > risk.b > risk.a"):
        count_floors({"risk.a": {"risk.b"}, "risk.b": {"risk.a"}})


@pytest.mark.parametrize("package", PACKAGES)
def test_names_of_functions_have_two_words_or_more_in_the_mean(package: str) -> None:
    mean = mean_words(package)
    print(f"{package}: {mean:.2f} words")
    assert mean >= 2
