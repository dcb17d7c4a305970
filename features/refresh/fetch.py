"""Downloads that resume, back off, end in time and report failures in one line."""

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

# Some servers refuse clients without a user agent; identity encoding keeps byte ranges and lengths those of the file.
REQUEST_HEADERS = {"User-Agent": "partner-risk data refresh", "Accept-Encoding": "identity"}
BUSY_CODES = (429, 500, 502, 503, 504)
REDIRECT_CODES = (301, 302, 303, 307, 308)
PIECE_SIZE = 1 << 16


@dataclass(frozen=True)
class FetchLimits:
    """Seconds to connect, between chunks and in total; tries; bytes; redirects; seconds between tries."""

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
    """Record kept with a downloaded file: address, day, checksum, and the validators to ask whether it changed."""

    url: str
    sha256: str
    bytes: int
    day: str
    etag: str = ""
    modified: str = ""
    type: str = ""


def fetch_file(url: str, into: Path, today: date, limits: FetchLimits | None = None) -> Path:
    """The file at `url`, cached in `into` under the checksum of its address; not downloaded again while unchanged.

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
    """The partial file does not match the file on the server."""


def _try_fetch(url: str, path: Path, today: date, limits: FetchLimits, deadline: float) -> Path:
    """One try: request the missing bytes, append them to the partial file, rename it when it is complete."""
    record_path, part = _build_record_path(path), path.with_suffix(".part")
    cached = _read_record(record_path) if path.exists() else None
    if cached is not None and _compute_file_checksum(path) != cached.sha256:
        cached = None
    partial = _read_record(_build_record_path(part)) if part.exists() else None
    with _open_response(url, _build_request_headers(cached, partial, part), limits) as response:
        if response.status_code == 304 and cached is not None:
            return path
        if response.status_code == 416:
            part.unlink(missing_ok=True)
            raise _MismatchError("the partial download no longer matches the file on the server")
        _refuse_response(url, response)
        start = _find_resume_offset(response, part)
        record = FetchRecord(
            url, "", 0, str(today), response.headers.get("ETag", ""), response.headers.get("Last-Modified", ""),
            response.headers.get("Content-Type", ""),
        )  # fmt: skip
        _write_record(_build_record_path(part), record)
        _write_body(url, response, part, start, limits, deadline)
    checksum = _compute_file_checksum(part)
    _write_record(record_path, FetchRecord(**asdict(record) | {"sha256": checksum, "bytes": part.stat().st_size}))
    part.replace(path)
    _build_record_path(part).unlink(missing_ok=True)
    return path


def _build_request_headers(cached: FetchRecord | None, partial: FetchRecord | None, part: Path) -> dict[str, str]:
    """Headers that request the rest of a partial file, or a complete file only if it has changed."""
    if partial is not None and part.stat().st_size and (validator := _select_validator(partial)):
        return {"Range": f"bytes={part.stat().st_size}-", "If-Range": validator}
    if cached is None:
        return {}
    return {
        name: value
        for name, value in (("If-None-Match", cached.etag), ("If-Modified-Since", cached.modified))
        if value
    }  # fmt: skip


def _select_validator(partial: FetchRecord) -> str:
    return partial.etag if partial.etag and not partial.etag.startswith("W/") else partial.modified


@contextmanager
def _open_response(url: str, headers: dict[str, str], limits: FetchLimits) -> Iterator[requests.Response]:
    """The response after redirects, each of which must lead to https or stay on the same host and scheme."""
    with requests.Session() as session:
        # Retry follows the server's Retry-After and backs off, which requests cannot do.
        retry = Retry(
            total=limits.tries, status=limits.tries, connect=2, read=2, redirect=0, status_forcelist=BUSY_CODES,
            backoff_factor=limits.back_off, backoff_max=limits.longest_wait, retry_after_max=limits.longest_wait,
            raise_on_status=False,
        )  # fmt: skip
        for scheme in ("https://", "http://"):
            session.mount(scheme, HTTPAdapter(max_retries=retry))
        for _ in range(limits.redirects + 1):
            response = session.get(
                url, headers=REQUEST_HEADERS | headers, stream=True, allow_redirects=False,
                timeout=(limits.connect, limits.read),
            )  # fmt: skip
            if response.status_code not in REDIRECT_CODES:
                try:
                    yield response
                finally:
                    response.close()
                return
            response.close()
            url = _resolve_redirect(url, response.headers.get("Location", ""))
        raise BadInput(f"{url}: more than {limits.redirects} redirects")


def _resolve_redirect(url: str, location: str) -> str:
    target = urljoin(url, location)
    old, new = urlsplit(url), urlsplit(target)
    same_host = (old.scheme, old.netloc) == (new.scheme, new.netloc)
    if not location or not (new.scheme == "https" or same_host):
        raise BadInput(f"{url}: redirects to {target!r}; expected https or the same host")
    return target


def _refuse_response(url: str, response: requests.Response) -> None:
    if response.status_code not in (200, 206):
        raise BadInput(f"{url}: server returned {response.status_code} {response.reason or ''}".rstrip())
    encoding = response.headers.get("Content-Encoding", "identity")
    if encoding != "identity":
        raise BadInput(f"{url}: server sent content encoding {encoding!r}, expected none")
    if "html" in response.headers.get("Content-Type", "").lower():
        raise BadInput(f"{url}: server returned a web page, expected data; the file may have moved")


def _find_resume_offset(response: requests.Response, part: Path) -> int:
    """The byte offset at which the response continues; a mismatch with the partial file restarts the download."""
    if response.status_code != 206:
        return 0
    size = part.stat().st_size if part.exists() else 0
    if not response.headers.get("Content-Range", "").startswith(f"bytes {size}-"):
        part.unlink(missing_ok=True)
        raise _MismatchError("the server sent a different byte range than requested")
    return size


def _write_body(
    url: str, response: requests.Response, part: Path, start: int, limits: FetchLimits, deadline: float
) -> None:
    """Write the body after byte `start`; read1 returns what has arrived, so a slow server reaches the deadline."""
    size = start
    with part.open("ab" if start else "wb") as file:
        while piece := response.raw.read1(PIECE_SIZE):
            size += len(piece)
            if size > limits.size:
                part.unlink()
                raise BadInput(f"{url}: larger than {limits.size:,} bytes")
            file.write(piece)
            if monotonic() > deadline:
                raise BadInput(f"{url}: incomplete after {limits.total:g} seconds; the next refresh will resume it")


def _describe_failure(error: Exception | None) -> str:
    if isinstance(error, _MismatchError):
        return str(error)
    if isinstance(error, requests.Timeout) or "timed out" in str(error).lower():
        return "the server did not respond in time"
    if isinstance(error, ProtocolError):
        return "download cut off at every try"
    if isinstance(error, requests.exceptions.InvalidSchema | requests.exceptions.InvalidURL):
        return "not a valid web address"
    if isinstance(error, requests.ConnectionError):
        return "no connection: the server is down or has moved, or this machine has no network"
    return f"download failed ({type(error).__name__})"


def _compute_file_checksum(path: Path) -> str:
    with path.open("rb") as file:
        return file_digest(file, "sha256").hexdigest()


def _build_record_path(path: Path) -> Path:
    return path.with_name(path.name + ".json")


def _read_record(path: Path) -> FetchRecord | None:
    """The record of a file; None if it cannot be read."""
    try:
        return FetchRecord(**parse_json(path.read_bytes()))
    except (OSError, ValueError, TypeError):
        return None


def _write_record(path: Path, record: FetchRecord) -> None:
    write_atomically(path, (json.dumps(asdict(record), indent=1, sort_keys=True) + "\n").encode())
