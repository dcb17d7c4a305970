"""Checksums of all snapshot files in one list, SHA256SUMS, which `sha256sum -c` can also read."""

import re
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

from features.bad_input import BadInput
from features.files.atomic_write import write_atomically

CHECKSUM_LIST = "SHA256SUMS"
CHECKSUM_LINE = re.compile(r"([0-9a-f]{64})  (\S+)")


def write_checksum_list(raw: Path, source: str | None = None) -> None:
    """Vouch for what stands in one source's folder, leaving the other lines as they are; for all where none is named.

    Write it last, after table and card: until then the list says that the source has changed.
    """
    folders = [source] if source else sorted(path.name for path in raw.iterdir() if path.is_dir())
    others = {
        name: checksum for name, checksum in _read_checksum_list(raw).items() if name.split("/")[0] not in folders
    }
    new = {name: _compute_file_checksum(raw / name) for folder in folders for name in _list_files(raw, folder)}
    lines = (f"{checksum}  {name}\n" for name, checksum in sorted((others | new).items()))
    write_atomically(raw / CHECKSUM_LIST, "".join(lines).encode())


def list_checksum_faults(raw: Path) -> Iterator[str]:
    """A line for each file that is not as listed, not listed, or missing, and for a list that cannot be read."""
    if not (raw / CHECKSUM_LIST).is_file():
        yield f"{raw / CHECKSUM_LIST}: missing; tables and cards cannot be checked against it"
        return
    try:
        listed = _read_checksum_list(raw)
    except BadInput as error:
        yield str(error)
        return
    present = {name for folder in raw.iterdir() if folder.is_dir() for name in _list_files(raw, folder.name)}
    for name in sorted(present | set(listed)):
        if name not in present:
            yield f"{raw / name}: missing; {CHECKSUM_LIST} lists it"
        elif name not in listed:
            yield f"{raw / name}: not listed in {CHECKSUM_LIST}"
        elif (checksum := _compute_file_checksum(raw / name)) != listed[name]:
            yield f"{raw / name}: altered: checksum {checksum[:12]}…, {CHECKSUM_LIST} says {listed[name][:12]}…"


def _list_files(raw: Path, folder: str) -> list[str]:
    return sorted(path.relative_to(raw).as_posix() for path in (raw / folder).rglob("*") if path.is_file())


def _read_checksum_list(raw: Path) -> dict[str, str]:
    """The checksum of each file by its name; every byte of the list must be as it is written here."""
    path = raw / CHECKSUM_LIST
    content = path.read_bytes() if path.is_file() else b""
    listed: dict[str, str] = {}
    for number, line in enumerate(content.decode(errors="replace").splitlines(), 1):
        if not (match := CHECKSUM_LINE.fullmatch(line)):
            raise BadInput(f"{path}: line {number}: found {line[:40]!r}, expected a checksum and a file name")
        listed[match[2]] = match[1]
    if "".join(f"{checksum}  {name}\n" for name, checksum in sorted(listed.items())).encode() != content:
        raise BadInput(f"{path}: altered: expected one line per file, sorted by name")
    return listed


def _compute_file_checksum(path: Path) -> str:
    return sha256(path.read_bytes()).hexdigest()
