"""Console output of the `risk rules` commands."""

from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl

from features.bad_input import BadInput
from risk.cli.output.table import print_table
from risk.rules.loading import RULEBOOK_FOLDER, read_rules

if TYPE_CHECKING:
    from risk.workflows.compare_rulebooks import RulebookChanges

TITLE_WIDTH = 60


def show_rules(folder: Path | None, wanted: str | None) -> None:
    """Check a rulebook and count its rules (`wanted` is None), list them (empty text) or print one."""
    if wanted is None:
        from features.snapshot.snapshot import CURRENT_SNAPSHOT
        from risk.workflows.compare_rulebooks import check_rulebook

        book = check_rulebook(folder or RULEBOOK_FOLDER, snapshot=CURRENT_SNAPSHOT)
        kinds = pl.Series([rule.kind for rule in book.rules]).value_counts(sort=True)
        print(
            f"{folder or 'the rulebook'}: {len(book.rules)} valid rules: "
            + ", ".join(f"{n} {kind}" for kind, n in kinds.iter_rows())
        )
        return
    rules = read_rules(folder or RULEBOOK_FOLDER)
    if not wanted:
        print_table(("rule", "kind", "title"), [(rule.id, rule.kind, rule.title) for rule in rules])
    else:
        matches = [rule for rule in rules if rule.id == wanted]
        if not matches:
            raise BadInput(f"no rule with ID {wanted!r}; `risk rules list` shows all {len(rules)}")
        print(matches[0].model_dump_json(indent=2))


def show_rule_changes(changes: "RulebookChanges") -> None:
    """Print the entries that differ, then the partners whose decisions change."""
    if changes.entries.is_empty():
        print("The two rulebooks are the same.")
    else:
        print_table(changes.entries.columns, changes.entries.rows())
    count = changes.partners["iso3"].n_unique()
    print(f"\nPartners whose decisions change: {count}")
    if count:
        print()
        print_table(
            changes.partners.columns, [[_shorten_text(cell) for cell in row] for row in changes.partners.iter_rows()]
        )


def _shorten_text(text: str) -> str:
    return text if len(text) <= TITLE_WIDTH else f"{text[: TITLE_WIDTH - 1].rstrip()}…"
