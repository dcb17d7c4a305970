"""Sets of entries per case, stored as the bits of one integer and formatted as ids joined by semicolons."""

from collections.abc import Callable, Mapping, Sequence

import numpy as np
import numpy.typing as npt
import polars as pl

from risk.cases.tables.entry_types import CaseScope

CodeArray = npt.NDArray[np.int64]


def compute_scope_bits(scopes: Sequence[CaseScope], field: str, names: Sequence[str]) -> CodeArray:
    """Compute, for each name of a scope field, the bits of the entries that cover it; an empty field covers all."""
    return np.array(
        [
            sum(
                1 << n
                for n, case_scope in enumerate(scopes)
                if not (named := getattr(case_scope, field)) or name in named
            )
            for name in names
        ],
        dtype=np.int64,
    )


def format_bit_ids(bits: CodeArray, names: Sequence[str]) -> pl.Series:
    """Format each integer's bits as their ids, in order, joined by semicolons."""
    return format_code_texts(bits, lambda code: ";".join(name for n, name in enumerate(names) if code >> n & 1))


def format_code_texts(codes: CodeArray, format_code: Callable[[int], str]) -> pl.Series:
    """Format each code, calling the function once per distinct code."""
    distinct, positions = np.unique(codes, return_inverse=True)
    texts = pl.Series([format_code(int(code)) for code in distinct], dtype=pl.String)
    return texts.gather(positions.astype(np.uint32))


def compute_flag_bits(flags: Mapping[str, pl.Series], bits: Mapping[str, int], height: int) -> CodeArray:
    """Combine the bits of each row's true flags."""
    total = np.zeros(height, dtype=np.int64)
    for name, flag in flags.items():
        if bits.get(name):
            total |= flag.fill_null(False).to_numpy().astype(np.int64) * bits[name]
    return total
