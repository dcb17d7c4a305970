"""`python -m bench.faults`: inject faults into copies of the engine; exit code 1 if a fault was found."""

import argparse
import sys
from pathlib import Path

from bench.faults.run_all import run_all_parts
from bench.unix import require_unix
from features.bad_input import BadInput

FAULT_PARTS = ("refresh", "score", "training", "ledger", "writers", "flips")


def main() -> None:
    """Run the requested parts, print their results, and exit with 1 if a fault was found."""
    parser = argparse.ArgumentParser(prog="python -m bench.faults", description=__doc__)
    parser.add_argument("--kills", type=int, default=200, help="total kills, shared among the stages (default 200)")
    parser.add_argument("--entries", type=int, default=5000, help="entries written by eight writers (default 5000)")
    parser.add_argument("--places", type=int, default=30, help="bytes flipped in each kind of file (default 30)")
    parser.add_argument("--seed", type=int, default=20261126, help="random seed (default 20261126)")
    parser.add_argument(
        "--only", choices=FAULT_PARTS, nargs="+", default=FAULT_PARTS, help="parts to run (default all)"
    )
    parser.add_argument(
        "--out", type=Path, default=Path("out"), help="output folder of a finished run, which is copied (default out)"
    )
    options = parser.parse_args()
    try:
        require_unix("this bench")
        good = run_all_parts(options.out, options.only, options.kills, options.entries, options.places, options.seed)
    except BadInput as error:
        sys.exit(f"faults: {error}")
    sys.exit(not good)


if __name__ == "__main__":
    main()
