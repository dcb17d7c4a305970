"""What must be the same on every machine for results to be the same to the byte: code, libraries, arithmetic."""

import sys
from functools import cache
from hashlib import sha256
from importlib import import_module
from importlib.metadata import version
from pathlib import Path
from typing import NamedTuple

CODE_FOLDERS = ("features", "models", "risk")
COMPARED_LIBRARIES = ("numpy", "scipy", "scikit-learn", "polars", "pyarrow", "joblib", "pydantic")
# Whichever of these has its own linear algebra or threads has loaded it once it is imported.
ARITHMETIC_MODULES = ("numpy", "scipy.linalg", "sklearn.ensemble")


class EnvironmentIdentity(NamedTuple):
    """A checksum of the code, Python and the libraries with their versions, and what adds and multiplies."""

    code: str
    python: str
    libraries: str
    arithmetic: str


@cache
def identify_environment() -> EnvironmentIdentity:
    """Of this process; worked out once."""
    root = Path(__file__).resolve().parents[2]
    files = sorted(path for room in CODE_FOLDERS for path in (root / room).rglob("*.py"))
    code = sha256(b"".join(path.read_bytes() for path in files)).hexdigest()[:12]
    libraries = ", ".join(f"{name} {version(name)}" for name in COMPARED_LIBRARIES)
    return EnvironmentIdentity(code, ".".join(map(str, sys.version_info[:3])), libraries, _describe_arithmetic())


def describe_difference(mine: EnvironmentIdentity, other: EnvironmentIdentity) -> str:
    """The first thing that differs, in words; empty where none does."""
    for name, expected, found in zip(EnvironmentIdentity._fields, mine, other, strict=True):
        if expected != found:
            return f"its {name} differs ({found}; here {expected})"
    return ""


def _describe_arithmetic() -> str:
    """Linear algebra with its version and the kind of processor it has chosen its ways for."""
    from threadpoolctl import threadpool_info

    for name in ARITHMETIC_MODULES:
        import_module(name)
    told = {
        f"{one['internal_api']} {one['version']} {one['architecture']}"
        for one in threadpool_info()
        if one.get("architecture")
    }
    return ", ".join(sorted(told))
