"""The `risk case` command: parse arguments only."""

from pathlib import Path
from typing import Annotated

import typer

from risk.cli.options import ClusterOption, OutOption


def review_proposed_cases(
    file: Annotated[
        Path,
        typer.Argument(help="Cases as .yaml, .csv or .parquet; a folder of .parquet files, or 'FOLDER/*.parquet'."),
    ],
    out: OutOption = Path("out"),
    strict: Annotated[bool, typer.Option("--strict", help="Stop at the first rejected row and write nothing.")] = False,
    form: Annotated[
        str | None,
        typer.Option("--format", help="Memo format for cases in a YAML file: html (default), docx, pdf, all or none."),
    ] = None,
    cluster: ClusterOption = None,
) -> None:
    """Review proposed transfers against the last run: one as YAML, or any number as CSV or Parquet."""
    from features.snapshot.snapshot import CURRENT_SNAPSHOT
    from models.parallel.cluster import connect_to_cluster
    from risk.cli.output.cases import show_cases
    from risk.workflows.review_cases import review_case_file

    with connect_to_cluster(cluster) as link:
        show_cases(review_case_file(file, out, CURRENT_SNAPSHOT, strict, form or "html", link), form)
