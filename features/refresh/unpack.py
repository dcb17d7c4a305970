"""Unpack a downloaded file to UTF-8 text: unsafe archives and files that are not data are refused in one line."""

import gzip
import zipfile
import zlib
from codecs import getincrementaldecoder
from collections.abc import Iterator
from contextlib import contextmanager
from fnmatch import fnmatch
from os import SEEK_END
from pathlib import Path, PurePosixPath
from stat import S_ISLNK
from typing import IO, cast

from features.bad_input import BadInput, find_first_line
from features.files.untrusted import parse_json
from features.snapshot.card_downloads import FileAddress

PIECE_SIZE = 1 << 20
LARGEST_UNPACKED = 2_000_000_000
# Tables of numbers compress by a factor of 20 at most; a much higher ratio means an archive meant to fill the disk.
LARGEST_RATIO, SMALL_SIZE = 200, 1 << 22
BINARY_MARKS = {
    b"PK\x03\x04": "a zip archive",
    b"\x1f\x8b": "a gzip file",
    b"%PDF": "a PDF",
    b"\xd0\xcf\x11\xe0": "an Office file",
}
# The end record of a zip archive, which states the length of its directory, and that of the 64-bit format.
TAIL_SIZE, END_OF_DIRECTORY, LARGE_ARCHIVE_END, LONGEST_DIRECTORY = 1 << 17, b"PK\x05\x06", b"PK\x06\x07", 1 << 20
WEB_PAGE_MARKS = (b"<!doctype", b"<html", b"<head", b"<?xml", b"<body")


def unpack_file(packed: Path, address: FileAddress, to: Path, largest: int = LARGEST_UNPACKED) -> None:
    """Write the text of a downloaded file to `to` in UTF-8.

    Raises BadInput in one line for a file of another kind than on the card, an unsafe or oversized archive, or text
    in another encoding.
    """
    with _open_packed(packed, address, largest) as (stream, compressed), to.open("wb") as out:
        decoder = getincrementaldecoder(address.encoding)()
        size = 0
        try:
            while piece := stream.read(PIECE_SIZE):
                _refuse_other_kinds(piece, size, address)
                size += len(piece)
                _refuse_bomb(size, compressed, largest)
                out.write(decoder.decode(piece).encode())
            out.write(decoder.decode(b"", final=True).encode())
        except UnicodeDecodeError:
            raise BadInput(f"not text in {address.encoding}, as the card says") from None
        except (EOFError, OSError, zlib.error, zipfile.BadZipFile) as error:
            raise BadInput(f"{address.kind} file is damaged or cut off: {find_first_line(error)}") from None
    if not size:
        raise BadInput("empty")


def find_matching_name(names: list[str], pattern: str) -> str:
    """The only name that matches the pattern; none or several are refused."""
    matching = [name for name in names if fnmatch(PurePosixPath(name).name.lower(), pattern.lower())]
    if len(matching) != 1:
        listed = ", ".join(sorted(names)[:6])
        raise BadInput(f"{len(matching)} files match {pattern!r}, expected 1; the files are {listed}")
    return matching[0]


def find_listed_file(listing: Path, address: FileAddress) -> str:
    """The address of the file that matches `member` in a Dataverse listing (native API), in its original format."""
    try:
        files = parse_json(listing.read_bytes())["data"]["latestVersion"]["files"]
        ids = {str(file["dataFile"].get("filename") or file["label"]): int(file["dataFile"]["id"]) for file in files}
    except (ValueError, KeyError, TypeError, AttributeError):
        raise BadInput("not a listing of a Dataverse data set") from None
    host = "/".join(address.urls[0].split("/")[:3])
    return f"{host}/api/access/datafile/{ids[find_matching_name(sorted(ids), address.member)]}?format=original"


@contextmanager
def _open_packed(packed: Path, address: FileAddress, largest: int) -> Iterator[tuple[IO[bytes], int]]:
    """The unpacked bytes as a stream, and their compressed size."""
    if address.kind == "zip":
        with _open_archive(packed) as archive:
            member = _find_member(archive, address, largest)
            try:
                stream = archive.open(member)
            except (zipfile.BadZipFile, ValueError, NotImplementedError, RuntimeError, OSError) as error:
                raise BadInput(f"zip archive is damaged or cut off: {find_first_line(error)}") from None
            with stream:
                yield stream, member.compress_size
    elif address.kind == "gzip":
        with packed.open("rb") as start:
            if start.read(2) != b"\x1f\x8b":
                raise BadInput("not a gzip file, as the card says")
        with gzip.open(packed, "rb") as unzipped:
            yield cast(IO[bytes], unzipped), packed.stat().st_size
    else:
        with packed.open("rb") as plain:
            yield plain, packed.stat().st_size


def _open_archive(packed: Path) -> zipfile.ZipFile:
    _refuse_long_directory(packed)
    try:
        return zipfile.ZipFile(packed)
    # Names in an invalid encoding and unknown format versions raise errors of other types.
    except (zipfile.BadZipFile, ValueError, NotImplementedError, OSError):
        raise BadInput("not a zip archive, as the card says, or cut off") from None


def _refuse_long_directory(packed: Path) -> None:
    """Refuse a directory that would fill the memory when read; no table needs the 64-bit format."""
    with packed.open("rb") as file:
        file.seek(-min(packed.stat().st_size, TAIL_SIZE), SEEK_END)
        tail = file.read()
    end = tail.rfind(END_OF_DIRECTORY)
    if end < 0:
        raise BadInput("not a zip archive, as the card says, or cut off")
    if LARGE_ARCHIVE_END in tail or int.from_bytes(tail[end + 12 : end + 16], "little") > LONGEST_DIRECTORY:
        raise BadInput(f"zip archive with a directory longer than {LONGEST_DIRECTORY:,} bytes")


def _find_member(archive: zipfile.ZipFile, address: FileAddress, largest: int) -> zipfile.ZipInfo:
    """The requested file; an archive with any name that points outside its folder is refused."""
    for info in archive.infolist():
        path = PurePosixPath(info.filename.replace("\\", "/"))
        link = S_ISLNK(info.external_attr >> 16)
        if path.is_absolute() or ".." in path.parts or ":" in info.filename or link:
            raise BadInput(f"zip archive with an unsafe entry: {'a link' if link else repr(info.filename)}")
    # `is_dir` of Python 3.11 fails on an entry with an empty name.
    names = [info.filename for info in archive.infolist() if not info.filename.endswith("/")]
    member = archive.getinfo(find_matching_name(names, address.member or "*.csv"))
    if member.flag_bits & 1:
        raise BadInput("zip archive is password-protected")
    if member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise BadInput(
            f"zip archive uses compression method {member.compress_type}, expected 0 (stored) or 8 (deflated)"
        )
    _refuse_bomb(member.file_size, member.compress_size, largest)
    return member


def _refuse_bomb(size: int, compressed: int, largest: int) -> None:
    if size > largest:
        raise BadInput(f"unpacks to more than {largest:,} bytes")
    if size > SMALL_SIZE and size > LARGEST_RATIO * max(1, compressed):
        raise BadInput(f"unpacks to more than {LARGEST_RATIO} times its size, too much for a table")


def _refuse_other_kinds(piece: bytes, at: int, address: FileAddress) -> None:
    """Refuse a file whose first chunk is a web page or binary, whatever its name."""
    if at:
        return
    start = piece[:512].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if start.startswith(WEB_PAGE_MARKS):
        raise BadInput("found a web page, expected data; the file may have moved")
    for mark, kind in BINARY_MARKS.items():
        if piece.startswith(mark):
            raise BadInput(f"found {kind}, expected text")
    if b"\x00" in piece[:4096] and "16" not in address.encoding:
        raise BadInput("found binary data, expected text")
