"""Constants of the recipe as its files state them, read without importing scikit-learn."""

import ast
from pathlib import Path
from typing import Any


def stated(file: str, *names: str) -> list[Any]:
    """The values that a file of this room assigns to the names, each a literal."""
    source = (Path(__file__).parent / f"{file}.py").read_text(encoding="utf-8")
    found: dict[str, Any] = {}
    for line in ast.parse(source).body:
        for target, value in _assigned(line):
            if target in names:
                found[target] = ast.literal_eval(value)
    return [found[name] for name in names]


def _assigned(line: ast.stmt) -> list[tuple[str, ast.expr]]:
    """The names that a line assigns, each with its value."""
    if isinstance(line, ast.AnnAssign) and isinstance(line.target, ast.Name) and line.value:
        return [(line.target.id, line.value)]
    if not isinstance(line, ast.Assign):
        return []
    target, value = line.targets[0], line.value
    if isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple):
        return [(name.id, one) for name, one in zip(target.elts, value.elts, strict=True) if isinstance(name, ast.Name)]
    return [(target.id, value)] if isinstance(target, ast.Name) else []
