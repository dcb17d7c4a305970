"""Downloads that resume, back off, end in time and say in one line why they failed."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import date
from hashlib import file_digest, sha256
from pathlib import Path
from time import monotonic, sleep
from urllib.parse import urljoin, urlsplit

import requests
from requests.adapters import HTTPAdapter
from urllib3.exceptions import HTTPError, ProtocolError
from urllib3.util.retry import Retry

from features.bad_input import BadInput
from features.files.atomic_write import write_atomically
from features.files.untrusted import parse_json

# Servers turn away clients without a name; identity keeps byte ranges and lengths those of the file.
REQUEST_HEADERS = {"User-Agent": "partner-risk data refresh", "Accept-Encoding": "identity"}
BUSY_CODES = (429, 500, 502, 503, 504)
REDIRECT_CODES = (301, 302, 303, 307, 308)
PIECE_SIZE = 1 << 16


@dataclass(frozen=True)
class FetchLimits:
    """Seconds to connect, between pieces and in all; tries; bytes; redirects; seconds between tries at most."""

    connect: float = 10
    read: float = 60
    total: float = 1800
    tries: int = 5
    size: int = 2_000_000_000
    redirects: int = 5
    back_off: float = 1
    longest_wait: int = 120


@dataclass(frozen=True)
class FetchRecord:
    """What is kept beside a downloaded file: where from, when, its checksum, and how to ask whether it has changed."""

    url: str
    sha256: str
    bytes: int
    day: str
    etag: str = ""
    modified: str = ""
    type: str = ""


def fetch_file(url: str, into: Path, today: date, limits: FetchLimits | None = None) -> Path:
    """The file at `url`, kept in `into` under the checksum of its address; not sent again while it is unchanged.

    Raises BadInput in one line that names the address and the reason.
    """
    limits = limits or FetchLimits()
    path = into / sha256(url.encode()).hexdigest()[:16]
    into.mkdir(parents=True, exist_ok=True)
    deadline = monotonic() + limits.total
    last: Exception | None = None
    for attempt in range(limits.tries):
        if attempt:
            sleep(min(limits.back_off * 2 ** (attempt - 1), limits.longest_wait, max(0.0, deadline - monotonic())))
        try:
            return _try_fetch(url, path, today, limits, deadline)
        except (HTTPError, _MismatchError) as error:
            last = error
        except requests.RequestException as error:
            raise BadInput(f"{url}: {_describe_failure(error)}") from None
        if monotonic() > deadline:
            break
    raise BadInput(f"{url}: {_describe_failure(last)}") from None


class _MismatchError(Exception):
    """What was had before does not fit what the server has now."""


def _try_fetch(url: str, path: Path, today: date, limits: FetchLimits, deadline: float) -> Path:
    """One try: ask for what is missing, write it to the partial file, move that into place when it is whole."""
    kept, part = _build_record_path(path), path.with_suffix(".part")
    have = _read_record(kept) if path.exists() else None
    if have is not None and _compute_file_checksum(path) != have.sha256:
        have = None
    begun = _read_record(_build_record_path(part)) if part.exists() else None
    with _open_response(url, _build_request_headers(have, begun, part), limits) as answer:
        if answer.status_code == 304 and have is not None:
            return path
        if answer.status_code == 416:
            part.unlink(missing_ok=True)
            raise _MismatchError("what was had before does not fit any more")
        _refuse_response(url, answer)
        start = _find_resume_offset(answer, part)
        about = FetchRecord(
            url, "", 0, str(today), answer.headers.get("ETag", ""), answer.headers.get("Last-Modified", ""),
            answer.headers.get("Content-Type", ""),
        )  # fmt: skip
        _write_record(_build_record_path(part), about)
        _write_body(url, answer, part, start, limits, deadline)
    content = _compute_file_checksum(part)
    _write_record(kept, FetchRecord(**asdict(about) | {"sha256": content, "bytes": part.stat().st_size}))
    part.replace(path)
    _build_record_path(part).unlink(missing_ok=True)
    return path


def _build_request_headers(have: FetchRecord | None, begun: FetchRecord | None, part: Path) -> dict[str, str]:
    """Headers that ask for the rest of a partial file, or for a whole one only if it has changed."""
    if begun is not None and part.stat().st_size and (mark := _select_validator(begun)):
        return {"Range": f"bytes={part.stat().st_size}-", "If-Range": mark}
    if have is None:
        return {}
    return {
        name: value
        for name, value in (("If-None-Match", have.etag), ("If-Modified-Since", have.modified))
        if value
    }  # fmt: skip


def _select_validator(begun: FetchRecord) -> str:
    return begun.etag if begun.etag and not begun.etag.startswith("W/") else begun.modified


@contextmanager
def _open_response(url: str, asked: dict[str, str], limits: FetchLimits) -> Iterator[requests.Response]:
    """The answer after redirects, each of which must lead to https, or stay with the same host and scheme."""
    with requests.Session() as session:
        # Retry waits as long as the server's Retry-After asks, and longer from time to time, which requests cannot.
        again = Retry(
            total=limits.tries, status=limits.tries, connect=2, read=2, redirect=0, status_forcelist=BUSY_CODES,
            backoff_factor=limits.back_off, backoff_max=limits.longest_wait, retry_after_max=limits.longest_wait,
            raise_on_status=False,
        )  # fmt: skip
        for scheme in ("https://", "http://"):
            session.mount(scheme, HTTPAdapter(max_retries=again))
        for _ in range(limits.redirects + 1):
            answer = session.get(
                url, headers=REQUEST_HEADERS | asked, stream=True, allow_redirects=False,
                timeout=(limits.connect, limits.read),
            )  # fmt: skip
            if answer.status_code not in REDIRECT_CODES:
                try:
                    yield answer
                finally:
                    answer.close()
                return
            answer.close()
            url = _resolve_redirect(url, answer.headers.get("Location", ""))
        raise BadInput(f"{url}: more than {limits.redirects} redirects")


def _resolve_redirect(url: str, location: str) -> str:
    to = urljoin(url, location)
    here, there = urlsplit(url), urlsplit(to)
    same = (here.scheme, here.netloc) == (there.scheme, there.netloc)
    if not location or not (there.scheme == "https" or same):
        raise BadInput(f"{url}: redirects to {to!r}; only https, or the same host, is followed")
    return to


def _refuse_response(url: str, answer: requests.Response) -> None:
    if answer.status_code not in (200, 206):
        raise BadInput(f"{url}: answered {answer.status_code} {answer.reason or ''}".rstrip())
    coding = answer.headers.get("Content-Encoding", "identity")
    if coding != "identity":
        raise BadInput(f"{url}: sent in the coding {coding!r}, which was not asked for")
    if "html" in answer.headers.get("Content-Type", "").lower():
        raise BadInput(f"{url}: answered with a web page, not with data; the file may have moved")


def _find_resume_offset(answer: requests.Response, part: Path) -> int:
    """How many bytes the answer goes on from; a part that begins elsewhere than ours ends is begun anew."""
    if answer.status_code != 206:
        return 0
    size = part.stat().st_size if part.exists() else 0
    if not answer.headers.get("Content-Range", "").startswith(f"bytes {size}-"):
        part.unlink(missing_ok=True)
        raise _MismatchError("the server sent another part than asked for")
    return size


def _write_body(
    url: str, answer: requests.Response, part: Path, start: int, limits: FetchLimits, deadline: float
) -> None:
    """Write the body behind the first `start` bytes; read1 hands out what has come, so that a trickle meets its end."""
    size = start
    with part.open("ab" if start else "wb") as file:
        while piece := answer.raw.read1(PIECE_SIZE):
            size += len(piece)
            if size > limits.size:
                part.unlink()
                raise BadInput(f"{url}: larger than {limits.size:,} bytes")
            file.write(piece)
            if monotonic() > deadline:
                raise BadInput(f"{url}: not there after {limits.total:g} seconds; the next refresh goes on from here")


def _describe_failure(error: Exception | None) -> str:
    if isinstance(error, _MismatchError):
        return str(error)
    if isinstance(error, requests.Timeout) or "timed out" in str(error).lower():
        return "no answer in time"
    if isinstance(error, ProtocolError):
        return "cut off before its end, again and again"
    if isinstance(error, requests.exceptions.InvalidSchema | requests.exceptions.InvalidURL):
        return "not an address that can be fetched"
    if isinstance(error, requests.ConnectionError):
        return "no connection: the server is down, has moved, or this machine has no network"
    return f"broken off ({type(error).__name__})"


def _compute_file_checksum(path: Path) -> str:
    with path.open("rb") as file:
        return file_digest(file, "sha256").hexdigest()


def _build_record_path(path: Path) -> Path:
    return path.with_name(path.name + ".json")


def _read_record(path: Path) -> FetchRecord | None:
    """What is kept of a file; a record that cannot be read counts as none."""
    try:
        return FetchRecord(**parse_json(path.read_bytes()))
    except (OSError, ValueError, TypeError):
        return None


def _write_record(path: Path, record: FetchRecord) -> None:
    write_atomically(path, (json.dumps(asdict(record), indent=1, sort_keys=True) + "\n").encode())
