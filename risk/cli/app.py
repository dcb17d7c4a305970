"""The command line: parse arguments only; each command imports its dependencies when it runs."""

import gc
import os
import signal
import sys
from _thread import interrupt_main
from pathlib import Path
from threading import Timer
from types import FrameType
from typing import Annotated

import typer

from features.bad_input import BadInput
from features.vocabulary import OUTCOMES, Profile
from risk.cli import cases as cli_cases
from risk.cli import data as cli_data
from risk.cli import ledger as cli_ledger
from risk.cli import portfolio as cli_portfolio
from risk.cli import replay as cli_replay
from risk.cli import rules as cli_rules
from risk.cli.options import AsOfOption, ByOption, ClusterOption, LedgerOption, OutOption, convert_to_day

# Seconds until an interrupt is tried again.
LOADING_PAUSE = 0.05
# Typer's own exit code where a command is interrupted.
INTERRUPTED_CODE = 130
# Imported objects live until exit: collecting garbage after every 700 objects takes a tenth of a command's time.
NEW_OBJECTS = 50_000
# Exists only while a refresh swaps folders; checked here because reading cards takes a third of a second.
UNFINISHED_EXCHANGE = Path(__file__).resolve().parents[2] / "data" / ".raw.placing.json"

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)
app.add_typer(cli_rules.app, name="rules")
app.add_typer(cli_data.app, name="data")
app.command("case")(cli_cases.review_proposed_cases)
app.command("replay")(cli_replay.replay_notified_sales)
app.command("portfolio")(cli_portfolio.summarize_money_flows)
app.add_typer(cli_ledger.app, name="ledger")


def main() -> None:
    """Run a command; report bad input in one line on standard error, with exit code 1."""
    # Pydantic would search every installed package for plugins before it builds its first model.
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, _interrupt_once_loaded)
    gc.set_threshold(NEW_OBJECTS)
    try:
        _finish_exchange()
        app()
    except BadInput as error:
        sys.exit(f"risk: {error}")
    except SystemExit as stop:
        sys.exit("risk: interrupted; earlier outputs are unchanged" if stop.code == INTERRUPTED_CODE else stop.code)
    except OSError as error:
        sys.exit(f"risk: {error.filename or 'output'}: {error.strerror or error}; earlier outputs are unchanged")


def _interrupt_once_loaded(number: int, frame: FrameType | None) -> None:
    """End the command at Ctrl-C; while Polars is being loaded, which would print a trace of its own, a moment later."""
    spec = getattr(sys.modules.get("polars"), "__spec__", None)
    if getattr(spec, "_initializing", False):
        Timer(LOADING_PAUSE, interrupt_main).start()
    else:
        signal.default_int_handler(number, frame)


@app.command("score")
def score_all_partners(
    out: OutOption = Path("out"), as_of: AsOfOption = None, by: ByOption = None, ledger: LedgerOption = None
) -> None:
    """Score every partner, decide, write tables, workbook and pages, and record the issue in the ledger."""
    from features.snapshot.snapshot import CURRENT_SNAPSHOT
    from risk.cli.output.score import show_run
    from risk.ledger.ledger_files import locate_ledger
    from risk.workflows.score import run_score

    show_run(
        run_score(out, convert_to_day(as_of), ledger=locate_ledger(ledger), who=by, snapshot=CURRENT_SNAPSHOT), out
    )


@app.command("verify")
def verify_all_outputs(out: OutOption = Path("out"), ledger: LedgerOption = None) -> None:
    """Check that snapshot, cards, saved models, ledger and figures are byte for byte as they were written."""
    from features.snapshot.snapshot import CURRENT_SNAPSHOT
    from risk.cli.output.ledger import show_verified_parts
    from risk.ledger.ledger_files import locate_ledger
    from risk.workflows.verify import verify_all

    if not show_verified_parts(verify_all(out, locate_ledger(ledger), snapshot=CURRENT_SNAPSHOT)):
        sys.exit(1)


@app.command("train")
def train_challenger_models(
    out: OutOption = Path("out"),
    promote: Annotated[
        bool, typer.Option("--promote", help="Promote each new model to champion if its back-test is better.")
    ] = False,
) -> None:
    """Train all models again, record the run in MLflow and register them as challengers."""
    from features.snapshot.snapshot import CURRENT_SNAPSHOT
    from risk.cli.output.score import show_training
    from risk.workflows.train import retrain_models

    training = retrain_models(out, CURRENT_SNAPSHOT, promote)
    show_training(training.models)
    for line in training.lines:
        typer.echo(line)


@app.command("backtest")
def backtest_past_origins(
    out: Annotated[
        Path | None, typer.Option(help="Output folder (default: out); for a CSV of events, the Parquet file to write.")
    ] = None,
    outcome: Annotated[
        str,
        typer.Option(
            help="all, misuse, state_terror, civilian_killing, coup, or a CSV file with columns iso3,year,event."
        ),
    ] = "all",
    horizon: Annotated[int, typer.Option(min=1, max=10, help="Years ahead.")] = 2,
    origins: Annotated[str, typer.Option(help="First and last origin.")] = "2000:2021",
    profile: Annotated[str, typer.Option(help="calendar, snapshot or both.")] = "",
    without: Annotated[str, typer.Option(help="A theme or a source of your own: what it adds.")] = "",
    readings: Annotated[bool, typer.Option("--readings", help="Misuse under other readings of severe terror.")] = False,
    seeds: Annotated[int | None, typer.Option(min=2, max=100, help="The engine under this many seeds.")] = None,
    cluster: ClusterOption = None,
) -> None:
    """Forecast past origins again at what was known then, and print the figures beside the baselines."""
    from features.snapshot.snapshot import CURRENT_SNAPSHOT
    from models.parallel.cluster import connect_to_cluster
    from risk.cli.output.backtest import show_ablation, show_backtest, show_readings, show_seeds
    from risk.workflows.backtest import compare_readings, compare_seeds, run_ablation, run_backtest, run_own_backtest

    with connect_to_cluster(cluster):
        single = _select_profiles(profile or "calendar")[0]
        if without:
            show_ablation(*run_ablation(without, _require_one_outcome(outcome), origins, single, CURRENT_SNAPSHOT))
        elif seeds:
            show_seeds(*compare_seeds(seeds, _require_one_outcome(outcome), origins, single, CURRENT_SNAPSHOT))
        elif readings:
            show_readings(*compare_readings(origins, single, CURRENT_SNAPSHOT))
        elif outcome.endswith(".csv"):
            file = out or Path("out") / "backtest" / "own" / f"{Path(outcome).stem}.parquet"
            show_backtest(
                run_own_backtest(
                    Path(outcome),
                    horizon,
                    origins,
                    single,
                    file,
                    CURRENT_SNAPSHOT,
                )
            )
            typer.echo(f"\nForecasts  {file}")
        else:
            folder = out or Path("out")
            show_backtest(
                run_backtest(
                    folder,
                    _select_outcomes(outcome),
                    _select_profiles(profile or "both"),
                    origins,
                    CURRENT_SNAPSHOT,
                    horizon,
                )
            )
            typer.echo(f"\nForecasts, figures and model card  {folder / 'backtest'}")


@app.command("explain")
def explain_partner_forecast(iso3: str, out: OutOption = Path("out"), outcome: str = "misuse") -> None:
    """Print what raises and lowers one partner's forecast, largest first."""
    from risk.cli.output.score import show_reasons

    show_reasons(iso3.upper(), outcome, out)


@app.command("report")
def rebuild_partner_reports(
    partners: Annotated[
        list[str] | None, typer.Argument(metavar="[ISO3]...", help="Partners by ISO3 code (default: all).")
    ] = None,
    form: Annotated[str, typer.Option("--format", help="html, pdf, docx or all.")] = "html",
    out: OutOption = Path("out"),
    ledger: LedgerOption = None,
) -> None:
    """Write pages (HTML) or documents (PDF, Word) again from the last outputs."""
    from features.snapshot.snapshot import CURRENT_SNAPSHOT
    from risk.ledger.ledger_files import locate_ledger
    from risk.workflows.rebuild_reports import rebuild_reports

    typer.echo(
        rebuild_reports(out, [iso3.upper() for iso3 in partners or ()], form, CURRENT_SNAPSHOT, locate_ledger(ledger))
    )


@app.command("ui")
def serve_ui(out: OutOption = Path("out"), port: Annotated[int, typer.Option(min=1, max=65535)] = 5000) -> None:
    """Serve the MLflow web interface at 127.0.0.1 until Ctrl-C."""
    from models.registry.mlflow_server import serve_mlflow

    serve_mlflow(out, port)


@app.command("bench")
def run_benchmarks(
    out: OutOption = Path("out"),
    section: Annotated[
        str,
        typer.Option(
            help="panel, training, reasons, rules, cases, pages, cluster, score, or all (writes the results page)."
        ),
    ] = "all",
) -> None:
    """Measure speed and memory against alternative tools in the same run."""
    import subprocess

    # Run as a separate process: the benchmark imports the engine, so the engine must not import the benchmark.
    sys.exit(subprocess.run([sys.executable, "-m", "bench", section, str(out)], check=False).returncode)


def _finish_exchange() -> None:
    """Finish an interrupted swap of snapshot folders before any command reads the snapshot."""
    if UNFINISHED_EXCHANGE.exists():
        from features.refresh.exchange import recover_exchange
        from features.refresh.folders import SnapshotFolders

        recover_exchange(SnapshotFolders())


def _require_one_outcome(name: str) -> str:
    """Return the outcome of a command that takes only one."""
    return _select_outcomes("misuse" if name == "all" else name)[0]


def _select_outcomes(name: str) -> tuple[str, ...]:
    """Return the outcomes that an option value selects."""
    if name == "all":
        return OUTCOMES
    if name not in OUTCOMES:
        known = ", ".join(OUTCOMES)
        raise BadInput(f"unknown outcome {name!r}, expected one of {known}, all, or a .csv file")
    return (name,)


def _select_profiles(name: str) -> tuple[Profile, ...]:
    """Return the lag profiles that an option value selects."""
    known: dict[str, tuple[Profile, ...]] = {
        "calendar": ("calendar",),
        "snapshot": ("snapshot",),
        "both": ("calendar", "snapshot"),
    }
    if name not in known:
        raise BadInput(f"unknown profile {name!r}, expected one of {', '.join(known)}")
    return known[name]
