"""Pages are short, and in plain American English."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted(ROOT.glob("docs/**/*.md"))]
NAMES = [str(page.relative_to(ROOT)) for page in PAGES]
MOST_LINES = {"README.md": 200}
WORDS = (
    "told", "noughts?", "whoever", "laid apart", "stands? beside", "for want of", "anew", "dearest", r"so many \w+",
    "programmes?", "licences?", "defences?", "gazetted", "judgements?", "neighbours?",
    "neighbour(ing|hood)s?",
)  # fmt: skip
DIALECT = re.compile(rf"\b({'|'.join(WORDS)})\b", re.IGNORECASE)
# Columns, commands and file names stand in backticks, examples in fences; both keep their words, as quotations do.
QUOTED = re.compile(r"^```.*?^```|`[^`\n]*`|\]\([^)]*\)|“[^”]*”|\"[^\"\n]*\"", re.MULTILINE | re.DOTALL)
# Pages that quote the rulebook and the cards say it in their words.
QUOTING = {f"docs/reference/{name}.md" for name in ("codes", "measures")}
# Titles of rules on the page of the replay, each beside its id.
RULE_ROW = re.compile(r"^\|.*\(`\w+`\).*$", re.MULTILINE)


@pytest.mark.parametrize("page", PAGES, ids=NAMES)
def test_no_page_is_longer_than_a_reader_bears(page: Path) -> None:
    assert len(page.read_text(encoding="utf-8").splitlines()) <= MOST_LINES.get(page.name, 500)


@pytest.mark.parametrize("name", [name for name in NAMES if name not in QUOTING])
def test_no_page_speaks_the_dialect(name: str) -> None:
    text = QUOTED.sub("", RULE_ROW.sub("", (ROOT / name).read_text(encoding="utf-8")))
    assert [found.group() for found in DIALECT.finditer(text)] == []


@pytest.mark.parametrize("word", ["told", "the Licence", "anew", "so many years", "nought", "defence", "neighbouring"])
def test_the_dialect_is_found_where_it_is(word: str) -> None:
    assert DIALECT.search(f"A page that says {word} here")
    assert not DIALECT.search(QUOTED.sub("", f"A column `{word}` and a title “{word}”"))
