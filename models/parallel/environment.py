"""What must match on every machine for byte-identical results: code, libraries, arithmetic."""

import sys
from functools import cache
from hashlib import sha256
from importlib import import_module
from importlib.metadata import version
from pathlib import Path
from typing import NamedTuple

CODE_FOLDERS = ("features", "models", "risk")
COMPARED_LIBRARIES = ("numpy", "scipy", "scikit-learn", "polars", "pyarrow", "joblib", "pydantic")
# Importing these loads every library of linear algebra or threads that they bring.
ARITHMETIC_MODULES = ("numpy", "scipy.linalg", "sklearn.ensemble")


class EnvironmentIdentity(NamedTuple):
    """A checksum of the code, the versions of Python and the libraries, and the arithmetic libraries."""

    code: str
    python: str
    libraries: str
    arithmetic: str


@cache
def identify_environment() -> EnvironmentIdentity:
    """The identity of this process, computed once."""
    root = Path(__file__).resolve().parents[2]
    files = sorted(path for room in CODE_FOLDERS for path in (root / room).rglob("*.py"))
    code = sha256(b"".join(path.read_bytes() for path in files)).hexdigest()[:12]
    libraries = ", ".join(f"{name} {version(name)}" for name in COMPARED_LIBRARIES)
    return EnvironmentIdentity(code, ".".join(map(str, sys.version_info[:3])), libraries, _describe_arithmetic())


def describe_difference(mine: EnvironmentIdentity, other: EnvironmentIdentity) -> str:
    """The first difference, in words; empty if there is none."""
    for name, expected, actual in zip(EnvironmentIdentity._fields, mine, other, strict=True):
        if expected != actual:
            return f"its {name} differs ({actual}; here {expected})"
    return ""


def _describe_arithmetic() -> str:
    """The linear algebra libraries, each with its version and the processor architecture it is tuned for."""
    from threadpoolctl import threadpool_info

    for name in ARITHMETIC_MODULES:
        import_module(name)
    libraries = {
        f"{library['internal_api']} {library['version']} {library['architecture']}"
        for library in threadpool_info()
        if library.get("architecture")
    }
    return ", ".join(sorted(libraries))
