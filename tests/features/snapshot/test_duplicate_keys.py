"""Whether a key is duplicated, for rows sorted by key and in any other order."""

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from features.snapshot.duplicate_keys import has_duplicate_keys

KEYS = ["iso3", "year"]
PARTS = st.tuples(st.sampled_from(["AFG", "ALB", None]), st.sampled_from([2000, 2001, 2002, None]))


@given(rows=st.lists(PARTS, max_size=6), in_order=st.booleans())
def test_rows_repeat_a_key_when_and_only_when_two_rows_have_the_same(rows, in_order) -> None:
    if in_order:
        rows = sorted(rows, key=lambda row: (row[0] or "", row[1] or 0))
    frame = pl.DataFrame(rows, schema={"iso3": pl.String, "year": pl.Int64}, orient="row")
    assert has_duplicate_keys(frame, KEYS) == (len(set(rows)) < len(rows))
