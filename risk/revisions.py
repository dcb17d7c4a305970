"""A rulebook named by its folder, or by a revision of the repository it is kept in."""

import subprocess
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory

from features.bad_input import BadInput
from risk.rules import RULEBOOK


@contextmanager
def rulebook_named(name: str, home: Path = RULEBOOK) -> Iterator[Path]:
    """The folder of a rulebook: the one named, or `home` as it was at a revision, such as HEAD~3 or a tag.

    Raises BadInput where the name is neither.
    """
    if name and Path(name).is_dir():
        yield Path(name)
        return
    content = _archived(name, home)
    with TemporaryDirectory() as folder, tarfile.open(fileobj=BytesIO(content)) as archive:
        archive.extractall(folder, filter="data")
        yield Path(folder)


def _archived(name: str, home: Path) -> bytes:
    top = _git(home, "rev-parse", "--show-toplevel")
    commit = top and _git(home, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{name}^{{commit}}")
    if not top or not commit:
        where = f"a revision of the repository of {home}" if top else f"a revision, for {home} is in no git repository"
        raise BadInput(f"{name!r} is neither a folder nor {where}")
    place = _git(home, "rev-parse", "--show-prefix").decode().strip().rstrip("/")
    content = _git(Path(top.decode().rstrip("\n")), "archive", "--format=tar", f"{commit.decode().strip()}:{place}")
    if not content:
        raise BadInput(f"{name!r} holds no rulebook: there is no {place} at that revision")
    return content


def _git(folder: Path, *arguments: str) -> bytes:
    """What git answers, or nothing where it fails or is not there."""
    try:
        ended = subprocess.run(["git", "-C", folder, *arguments], capture_output=True, check=False)
    except OSError:
        return b""
    return ended.stdout if ended.returncode == 0 else b""
