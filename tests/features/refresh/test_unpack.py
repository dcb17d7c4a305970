"""Downloaded archives and texts: unsafe, oversized or non-data files are never written."""

import gzip
import io
import json
import zipfile
from pathlib import Path

import pytest

from features.bad_input import BadInput
from features.refresh.unpack import find_listed_file, unpack_file
from features.snapshot.card_downloads import FileAddress

TEXT = "iso3c,year,value\nCÔTE,2024,1\n"
PLAIN = {"urls": ["https://invented.example/file"], "tried": "not tried here"}


def _zip(*members: tuple[str, bytes], link: bool = False) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members:
            info = zipfile.ZipInfo(name)
            info.compress_type = zipfile.ZIP_DEFLATED
            if link:
                info.external_attr = 0o120777 << 16
            archive.writestr(info, content)
    return buffer.getvalue()


def _unpacked(tmp_path: Path, content: bytes, largest: int = 50_000_000, **address: object) -> str:
    (tmp_path / "packed").write_bytes(content)
    unpack_file(tmp_path / "packed", FileAddress.model_validate(PLAIN | address), tmp_path / "text", largest)
    return (tmp_path / "text").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("content", "address"),
    [
        (TEXT.encode(), {}),
        (TEXT.encode("latin-1"), {"encoding": "latin-1"}),
        (gzip.compress(TEXT.encode()), {"kind": "gzip"}),
        (_zip(("Codebook.txt", b"read me"), ("folder/Data_v26.csv", TEXT.encode())), {"kind": "zip"}),
    ],
    ids=["plain", "latin-1", "gzip", "zip"],
)
def test_text_comes_out_in_utf8(tmp_path: Path, content: bytes, address: dict[str, object]) -> None:
    assert _unpacked(tmp_path, content, **address) == TEXT


BOMB = b"0" * 10_000_000
REFUSED = {
    "web page": (b"\n<!DOCTYPE html><html>", {}, "found a web page, expected data"),
    "other encoding": (TEXT.encode("latin-1"), {}, "not text in utf-8"),
    "text cut within a letter": (TEXT.encode()[:19], {}, "not text in utf-8"),
    "a PDF": (b"%PDF-1.7", {}, "found a PDF, expected text"),
    "a zip named csv": (_zip(("a.csv", b"x")), {}, "found a zip archive, expected text"),
    "binary": (b"iso3\x00\x01", {}, "found binary data, expected text"),
    "empty": (b"", {}, "empty"),
    "no zip": (TEXT.encode(), {"kind": "zip"}, "not a zip archive"),
    "zip cut off": (_zip(("a.csv", TEXT.encode()))[:-30], {"kind": "zip"}, "not a zip archive"),
    "no gzip": (TEXT.encode(), {"kind": "gzip"}, "not a gzip file"),
    "gzip cut off": (gzip.compress(TEXT.encode() * 9)[:-12], {"kind": "gzip"}, "damaged or cut off"),
    "traversal": (_zip(("../../data/raw/pts/card.yaml", b"x"), ("a.csv", b"y")), {"kind": "zip"}, "unsafe entry"),
    "absolute": (_zip(("/etc/cron.d/x.csv", b"x")), {"kind": "zip"}, "unsafe entry"),
    "backslashes": (_zip(("..\\..\\x.csv", b"x")), {"kind": "zip"}, "unsafe entry"),
    "link": (_zip(("a.csv", b"/etc/passwd"), link=True), {"kind": "zip"}, "unsafe entry: a link"),
    "two tables": (_zip(("a.csv", b"x"), ("b.csv", b"y")), {"kind": "zip"}, "2 files match"),
    "no table": (_zip(("a.txt", b"x")), {"kind": "zip"}, "0 files match"),
    "zip bomb": (_zip(("a.csv", BOMB)), {"kind": "zip"}, "more than 200 times its size"),
    "gzip bomb": (gzip.compress(BOMB), {"kind": "gzip"}, "more than 200 times its size"),
}


@pytest.mark.parametrize(("content", "address", "message"), REFUSED.values(), ids=REFUSED.keys())
def test_unsafe_or_non_text_files_are_refused(
    tmp_path: Path, content: bytes, address: dict[str, object], message: str
) -> None:
    with pytest.raises(BadInput, match="(?s)^[^\n]+$") as refused:
        _unpacked(tmp_path, content, **address)
    assert message in str(refused.value)


def test_whatever_unpacks_to_more_than_the_limit_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="more than 1,000 bytes"):
        _unpacked(tmp_path, _zip(("a.csv", bytes(range(48, 58)) * 300)), largest=1000, kind="zip")


def test_a_zip_with_a_false_size_is_stopped_while_it_unpacks(tmp_path: Path) -> None:
    honest = _zip(("a.csv", BOMB))
    lying = honest.replace((10_000_000).to_bytes(4, "little"), (1000).to_bytes(4, "little"))
    with pytest.raises(BadInput):
        _unpacked(tmp_path, lying, kind="zip")


def test_a_dataverse_listing_leads_to_its_one_fitting_file(tmp_path: Path) -> None:
    files = [
        {"dataFile": {"id": 7, "filename": "AgreementScores.tab"}},
        {"dataFile": {"id": 9, "filename": "IdealPointsX.tab"}},
    ]
    path = tmp_path / "listing"
    path.write_text(json.dumps({"status": "OK", "data": {"latestVersion": {"files": files}}}))
    address = FileAddress(
        urls=["https://dataverse.example/api/datasets/:persistentId/?x"],
        kind="dataverse",
        member="idealpoints*",
        tried="no",
    )
    assert find_listed_file(path, address) == "https://dataverse.example/api/access/datafile/9?format=original"
    path.write_text("{}")
    with pytest.raises(BadInput, match="not a listing"):
        find_listed_file(path, address)
