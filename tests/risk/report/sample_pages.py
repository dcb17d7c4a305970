"""Pages worth opening: partners at the extremes of a run, and pages whose every text is hostile."""

import json
import shutil
from pathlib import Path

import polars as pl

from features.snapshot.snapshot import CURRENT_SNAPSHOT
from risk.publishing.report_inputs import RUN_TABLES
from risk.workflows.rebuild_reports import rebuild_reports

# Invented texts that would run or break the markup if not escaped; the last also reverses the writing direction.
HOSTILE_TEXTS = (
    "<script>ran = 1</script>",
    "</script><script>ran = 1</script>",
    "</title></style><svg onload='ran = 1'>",
    '"><img src=x onerror="ran = 1">',
    "' onfocus='ran = 1' autofocus x='",
    "--><iframe srcdoc='<script>parent.ran = 1</script>'></iframe>",
    "{{ 7 * 7 }} ${ran = 1} <b>bold</b> &lt;i&gt; &amp;amp;",
    "\u202enrut\u2066\u200f <a href='javascript:ran = 1'>x</a>",
)
HOSTILE_COLUMNS = ("partner", "region", "headline", "title", "because", "unlocks", "reference", "label")


def write_hostile_pages(out: Path, folder: Path) -> dict[str, str]:
    """Write a page for one partner per hostile text, which replaces all its texts; return the pages by ISO3."""
    texts = dict(zip(pl.read_parquet(out / "partners.parquet")["iso3"].sort(), HOSTILE_TEXTS, strict=False))
    shutil.copy(out / "run.json", folder)
    for name in RUN_TABLES:
        frame = pl.read_parquet(out / f"{name}.parquet").filter(pl.col("iso3").is_in(list(texts)))
        hostile = pl.col("iso3").replace_strict(texts)
        changed = [hostile.alias(column) for column in HOSTILE_COLUMNS if column in frame.columns]
        if "evidence" in frame.columns:
            changed.append(hostile.map_elements(_build_evidence, pl.String).alias("evidence"))
        frame.with_columns(changed).write_parquet(folder / f"{name}.parquet")
    rebuild_reports(folder, [], "html", snapshot=CURRENT_SNAPSHOT)
    return texts


def _build_evidence(text: str) -> str:
    return json.dumps([{"fact": text, "values": {text: text}, "years": {}, "holds": None}])


def find_extremes(out: Path) -> dict[str, str]:
    """Return the partner at each extreme that affects a page's layout, by what it has most of."""
    trigger, applies = pl.col("kind") == "trigger", pl.col("result") == "applies"
    decided = (
        pl.read_parquet(out / "decisions.parquet")
        .group_by("iso3")
        .agg(
            decisions=pl.len(),
            conditions=(pl.col("kind") == "positive_condition").sum(),
            triggers=(trigger & applies).sum(),
            asked=(trigger & ~applies).sum(),
        )
    )
    rows = pl.read_parquet(out / "standing.parquet").join(decided, on="iso3")
    most = {
        "top of the ranking": -pl.col("misuse_rank"),
        "bottom of the ranking": pl.col("misuse_rank"),
        "referred": pl.col("tier") == "referred",
        "no arms history": pl.col("sipri_total_tiv_sum30") == 0,
        "longest name": pl.col("partner").str.len_chars(),
        "triggers": pl.col("triggers"),
        "triggers to look up": pl.col("asked"),
        "conditions": pl.col("conditions"),
        "decisions": pl.col("decisions"),
        "fewest decisions": -pl.col("decisions").cast(pl.Int64),
        "raters apart": (pl.col("pts_state") - pl.col("pts_amnesty")).abs(),
        "fewest people": -pl.col("wdi_population"),
        "least known": -pl.col("coverage"),
        "widest interval": pl.col("misuse_high") - pl.col("misuse_low"),
        "leverage": pl.col("leverage"),
        "least strategic value": -pl.col("strategic_value"),
    }
    return {what: _find_first(rows, measure) for what, measure in most.items()}


def _find_first(rows: pl.DataFrame, measure: pl.Expr) -> str:
    most = measure.cast(pl.Float64).alias("most")
    return str(rows.select("iso3", most).sort("most", "iso3", descending=[True, False], nulls_last=True)["iso3"][0])
