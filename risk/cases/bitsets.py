"""Sets of named entries a case, held as the bits of one whole number and told as ids joined by semicolons."""

from collections.abc import Callable, Mapping, Sequence

import numpy as np
import numpy.typing as npt
import polars as pl

from risk.cases.tables.schema import CaseScope

CodeArray = npt.NDArray[np.int64]


def compute_scope_bits(scopes: Sequence[CaseScope], field: str, names: Sequence[str]) -> CodeArray:
    """For each name of one field, the bits of the entries that are about it; an empty part is about all."""
    return np.array(
        [
            sum(1 << n for n, one in enumerate(scopes) if not (held := getattr(one, field)) or name in held)
            for name in names
        ],
        dtype=np.int64,
    )


def format_bit_ids(bits: CodeArray, names: Sequence[str]) -> pl.Series:
    """The ids of each number's bits, in order, joined by semicolons."""
    return format_code_texts(bits, lambda code: ";".join(name for n, name in enumerate(names) if code >> n & 1))


def format_code_texts(codes: CodeArray, tell: Callable[[int], str]) -> pl.Series:
    """The text of each code, made once for each that occurs."""
    found, places = np.unique(codes, return_inverse=True)
    texts = pl.Series([tell(int(code)) for code in found], dtype=pl.String)
    return texts.gather(places.astype(np.uint32))


def compute_flag_bits(flags: Mapping[str, pl.Series], bits: Mapping[str, int], height: int) -> CodeArray:
    """The bits that stand for the flags of each row which are true."""
    total = np.zeros(height, dtype=np.int64)
    for name, flag in flags.items():
        if bits.get(name):
            total |= flag.fill_null(False).to_numpy().astype(np.int64) * bits[name]
    return total
