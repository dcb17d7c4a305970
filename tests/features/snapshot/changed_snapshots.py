"""Copies of the compiled snapshot that tests may alter or shuffle."""

import shutil
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

import polars as pl
import yaml

from features.snapshot.cards import RAW_FOLDER


def copy_snapshot(folder: Path) -> Path:
    """A copy of data/raw in a folder of the test."""
    return Path(shutil.copytree(RAW_FOLDER, folder / "raw"))


def rewrite_table(
    raw: Path, source: str, table: str, change: Callable[[pl.DataFrame], pl.DataFrame], vouch: bool = True
) -> None:
    """Change one table and, if `vouch` is set, put the new checksum on its card."""
    path = raw / source / f"{table}.csv"
    content = change(pl.read_csv(path, infer_schema=False)).write_csv().encode()
    path.write_bytes(content)
    if vouch:
        card = yaml.safe_load((raw / source / "card.yaml").read_text(encoding="utf-8"))
        card["tables"][table]["sha256"] = sha256(content).hexdigest()
        (raw / source / "card.yaml").write_text(yaml.safe_dump(card, sort_keys=False), encoding="utf-8")


def shuffle_future(raw: Path, after: int) -> None:
    """Shuffle the values of the years after `after` among the rows of those years."""
    for path in sorted(raw.glob("*/*.csv")):
        source, table = path.parent.name, path.stem
        if "year" in pl.read_csv(path, n_rows=0).columns:
            rewrite_table(raw, source, table, lambda frame: _shuffle_frame(frame, after))


def _shuffle_frame(frame: pl.DataFrame, after: int) -> pl.DataFrame:
    future = pl.col("year").cast(pl.Int64) > after
    ahead, keys = frame.filter(future), [name for name in ("iso3", "year") if name in frame.columns]
    values = ahead.drop(keys).sample(fraction=1.0, shuffle=True, seed=7)
    return pl.concat([frame.filter(~future), ahead.select(keys).hstack(values)])
