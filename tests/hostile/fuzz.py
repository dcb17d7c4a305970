"""Coverage-guided fuzzing of every reader: `python -m tests.hostile.fuzz [--seconds N] [reader ...]`.

Each reader is fuzzed in its own process, with limited time and memory; prints inputs tried and crashes.
"""

import argparse
import os
import re
import subprocess
import sys
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory

# Lines shown of a crash: the end of its traceback.
SHOWN_LINES = 12
CRASH_FOLDER = Path("out") / "fuzz"
FUZZED_MODULES = [
    "features",
    "models.registry.store",
    "models.registry.champion",
    "models.evaluation.own_outcome",
    "risk",
    "yaml",
    "zipfile",
    "csv",
    "json",
]


def main() -> int:
    """Fuzz the named readers, or all; return 1 if any crashed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("readers", nargs="*")
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--one", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.one:
        _fuzz_reader(options.one, options.seconds)
        return 0
    from tests.hostile.tried import READERS

    crashes = [_run_reader(name, options.seconds) for name in options.readers or READERS]
    return 1 if any(crashes) else 0


def _run_reader(name: str, seconds: int) -> bool:
    """Fuzz one reader in its own process; return whether it crashed."""
    command = [sys.executable, "-m", "tests.hostile.fuzz", "--one", name, "--seconds", str(seconds)]
    # A backtrace of a Polars panic would flood the output.
    environment = os.environ | {"RUST_BACKTRACE": "0", "POLARS_MAX_THREADS": "1", "OMP_NUM_THREADS": "1"}
    done = subprocess.run(command, capture_output=True, text=True, errors="replace", env=environment)
    counts = re.findall(r"^#(\d+)\t", done.stderr, re.MULTILINE) + re.findall(
        r"^Done (\d+) runs", done.stderr, re.MULTILINE
    )
    crashed = done.returncode != 0
    print(
        f"{name:18} {max(map(int, counts), default=0):>8,} inputs tried  {'CRASH' if crashed else 'no crash'}",
        flush=True,
    )
    if crashed:
        lines = [line for line in (done.stdout or done.stderr).splitlines() if not line.startswith(("INFO", "WARN"))]
        print("\n".join(f"    {line}" for line in lines[-SHOWN_LINES:]), flush=True)
    return crashed


def _fuzz_reader(name: str, seconds: int) -> None:
    import atheris

    with atheris.instrument_imports(include=FUZZED_MODULES, enable_loader_override=False):
        from tests.hostile.tried import CORPUS_FOLDER, READERS, bound_memory, try_reader

    bound_memory(1_500_000_000)
    crash_folder = CRASH_FOLDER / name
    crash_folder.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory() as temporary:
        seeds = Path(temporary) / "seeds"
        seeds.mkdir()
        known = [path.read_bytes() for path in sorted((CORPUS_FOLDER / name).glob("*"))]
        for content in (READERS[name][1], *known):
            (seeds / sha256(content).hexdigest()[:16]).write_bytes(content)

        def try_input(content: bytes) -> None:
            try_reader(name, content, Path(temporary) / "tried")

        options = [f"-max_total_time={seconds}", "-max_len=20000", "-timeout=15", "-rss_limit_mb=0"]
        options += [f"-artifact_prefix={crash_folder}/", "-print_final_stats=0", "-seed=1", "-len_control=0"]
        atheris.Setup([sys.argv[0], *options, str(seeds)], try_input)
        atheris.Fuzz()


if __name__ == "__main__":
    sys.exit(main())
