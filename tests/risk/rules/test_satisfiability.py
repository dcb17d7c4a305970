"""Whether conditions without any column can hold together."""

from risk.rules.satisfiability import can_all_apply
from tests.risk.rules.rulebook_example import load_project_rulebook


def test_conditions_without_a_column_hold_or_fail_as_they_stand() -> None:
    book = load_project_rulebook()
    assert can_all_apply(["1 = 1"], book) and can_all_apply(["1 = 1", "leverage >= 50"], book)
    assert not can_all_apply(["1 = 2"], book) and not can_all_apply(["1 = 2", "leverage >= 50"], book)
