"""`python -m bench.faults`: parsing alone; exit code 1 where a fault was found."""

import argparse
import sys
from pathlib import Path

from bench.faults.run_all import run_all_parts
from bench.unix import require_unix
from features.bad_input import BadInput

FAULT_PARTS = ("refresh", "score", "training", "ledger", "writers", "flips")


def main() -> None:
    """Break things as asked, print what came of it, and fail where a fault was found."""
    parser = argparse.ArgumentParser(prog="python -m bench.faults", description=__doc__)
    parser.add_argument("--kills", type=int, default=200, help="kills in all, shared out among the stages (200)")
    parser.add_argument("--entries", type=int, default=5000, help="entries by eight writers (5000)")
    parser.add_argument("--places", type=int, default=30, help="bytes flipped in each kind of file (30)")
    parser.add_argument("--seed", type=int, default=20261126)
    parser.add_argument("--only", choices=FAULT_PARTS, nargs="+", default=FAULT_PARTS, help="parts to run")
    parser.add_argument("--out", type=Path, default=Path("out"), help="a finished run, which is copied (out)")
    asked = parser.parse_args()
    try:
        require_unix("this bench")
        good = run_all_parts(asked.out, asked.only, asked.kills, asked.entries, asked.places, asked.seed)
    except BadInput as error:
        sys.exit(f"faults: {error}")
    sys.exit(not good)


if __name__ == "__main__":
    main()
