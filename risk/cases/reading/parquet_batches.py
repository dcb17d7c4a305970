"""Reads Parquet in batches of bounded size, since a few compressed bytes can expand to a long text in every row."""

from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from features.bad_input import BadInput
from risk.cases.reading.fields import LONGEST_TEXT, check_case_columns

PART_BYTES = 32_000_000
# Replaces the values of nested and binary columns, which no field accepts.
NESTED_TEXT = "a list or raw bytes"


def read_bounded_tables(path: Path, most: int) -> Iterator[pa.Table]:
    """Read a case file `most` rows at a time; texts are truncated just above the longest that a field accepts.

    Raises BadInput for unknown columns, and pyarrow's own errors if the file is not Parquet.
    """
    with pq.ParquetFile(path) as file:
        schema = file.schema_arrow
        check_case_columns(schema.names, path.name)
        if repeated := next((name for name in schema.names if schema.names.count(name) > 1), None):
            raise BadInput(f"{path.name}: the field {repeated!r} appears twice")
    texts = [field.name for field in schema if _is_text_type(field.type)]
    flat = [field.name for field in schema if texts.count(field.name) or not _is_unreadable_type(field.type)]
    # Dictionary-encoded texts take no more memory than the file, so their size can be checked before decoding.
    with pq.ParquetFile(path, read_dictionary=texts, pre_buffer=False, buffer_size=1 << 20) as file:
        for batch in file.iter_batches(most, columns=flat):
            yield from _split_into_slices(pa.Table.from_batches([batch]), schema.names)


def _split_into_slices(table: pa.Table, names: list[str]) -> Iterator[pa.Table]:
    """Decode the texts of a table, in slices of bounded size."""
    columns = {name: _cut_long_texts(table[name].combine_chunks()) for name in table.column_names}
    rows = table.num_rows
    bytes_a_row = sum(_measure_longest_text(column) for column in columns.values())
    step = max(1, rows if bytes_a_row * rows <= PART_BYTES else PART_BYTES // bytes_a_row)
    for start in range(0, rows, step):
        part = {name: _unpack_column(column.slice(start, step)) for name, column in columns.items()}
        height = min(step, rows - start)
        yield pa.table({name: part.get(name, pa.array([NESTED_TEXT] * height)) for name in names})


def _cut_long_texts(column: pa.Array) -> pa.Array:
    if isinstance(column, pa.ChunkedArray):
        column = column.combine_chunks()
    if not pa.types.is_dictionary(column.type):
        return column
    if not _is_text_type(column.type.value_type):
        return column.dictionary_decode()
    cut = pc.utf8_slice_codeunits(column.dictionary, 0, LONGEST_TEXT + 1)
    return pa.DictionaryArray.from_arrays(column.indices, cut)


def _measure_longest_text(column: pa.Array) -> int:
    """Return the bytes of the longest text of a dictionary-encoded column, or 0 for any other."""
    if not pa.types.is_dictionary(column.type):
        return 0
    return int(pc.max(pc.binary_length(column.dictionary)).as_py() or 0)


def _unpack_column(column: pa.Array) -> pa.Array:
    return column.dictionary_decode() if pa.types.is_dictionary(column.type) else column


def _is_text_type(kind: pa.DataType) -> bool:
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind))


def _is_unreadable_type(kind: pa.DataType) -> bool:
    """Whether a column is nested or binary."""
    return pa.types.is_nested(kind) or _is_bytes_type(kind)


def _is_bytes_type(kind: pa.DataType) -> bool:
    return bool(pa.types.is_binary(kind) or pa.types.is_large_binary(kind) or pa.types.is_fixed_size_binary(kind))
