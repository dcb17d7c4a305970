"""Checks in plain pandas: a table against its card, and the panel against its contract."""

from hashlib import sha256
from io import BytesIO

import numpy as np
import pandas as pd

from features.bad_input import BadInput
from features.snapshot.cards import SourceCard, build_table_schema
from features.snapshot.snapshot import Snapshot
from features.vocabulary import FIRST_ORIGIN, LATEST_ORIGIN


def read_checked_table(card: SourceCard, name: str, snapshot: Snapshot) -> pd.DataFrame:
    """A compiled table whose checksum, columns, rows, keys and values are as its card says."""
    table, path = card.tables[name], snapshot.folder / card.source / f"{name}.csv"
    content = path.read_bytes()
    if sha256(content).hexdigest() != table.sha256:
        raise BadInput(f"{path}: altered or truncated")
    facts = pd.read_csv(BytesIO(content))
    if list(facts.columns) != list(build_table_schema(table)):
        raise BadInput(f"{path}: columns differ from the card")
    if len(facts) < table.rows.floor:
        raise BadInput(f"{path}: {len(facts)} rows, the card's floor is {table.rows.floor:.0f}")
    if facts.duplicated(table.keys).any():
        raise BadInput(f"{path}: a key is repeated")
    values = facts[list(table.columns)].to_numpy(dtype=float)
    floors = [measure.floor for measure in table.columns.values()]
    ceilings = [measure.ceiling for measure in table.columns.values()]
    within = np.isnan(values) | ((values >= floors) & (values <= ceilings) & np.isfinite(values))
    if not within.all():
        raise BadInput(f"{path}: a value of {list(table.columns)[int(np.argmin(within.all(axis=0)))]} is out of bounds")
    return facts


def check_pandas_panel(panel: pd.DataFrame) -> None:
    """Raise BadInput for a panel with repeated keys, wrong types or ranges, or an empty column."""
    values = panel.drop(columns=["iso3", "origin"])
    if not (values.dtypes == "float64").all() or panel["origin"].dtype != "int64":
        raise BadInput("panel: a column has the wrong type")
    if panel.duplicated(["iso3", "origin"]).any():
        raise BadInput("panel: a key is repeated")
    ages, shares = values.filter(regex="_age$"), values.filter(regex="_share(10|30)$")
    sound = (
        panel["iso3"].str.fullmatch("[A-Z]{3}").all()
        and panel["origin"].between(FIRST_ORIGIN, LATEST_ORIGIN).all()
        and not (ages.lt(0) | ages.gt(30)).to_numpy().any()
        and not (shares.lt(0) | shares.gt(1)).to_numpy().any()
        and not np.isinf(values.to_numpy()).any()
    )
    if not sound:
        raise BadInput("panel: a value is out of bounds")
    if values.isna().all().any():
        raise BadInput("panel: a column is empty")
