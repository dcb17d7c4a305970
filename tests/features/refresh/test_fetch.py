"""Downloads from a faulty publisher: resumed, retried, limited, or refused in one line."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from features.bad_input import BadInput
from features.refresh.fetch import FetchLimits, fetch_file
from tests.features.refresh.invented_publisher import FakePublisher, PublisherAnswer, serve_publisher

TODAY = date(2026, 11, 26)
QUICK = FetchLimits(connect=1, read=0.3, total=3, tries=3, size=1_000_000, redirects=3, back_off=0.01, longest_wait=1)
BODY = b"iso3c,year,value\n" + b"EGY,2024,1\n" * 9_000


@pytest.fixture(scope="module")
def server() -> Iterator[FakePublisher]:
    with serve_publisher() as publisher:
        yield publisher


def _refusal(url: str, into: Path, limits: FetchLimits = QUICK) -> str:
    with pytest.raises(BadInput) as refused:
        fetch_file(url, into, TODAY, limits)
    assert "\n" not in str(refused.value)
    assert str(refused.value).startswith("http")
    return str(refused.value)


def test_a_file_is_fetched_whole_and_its_checksum_is_recorded(server: FakePublisher, tmp_path: Path) -> None:
    path = fetch_file(server.set_answers("/whole", PublisherAnswer(BODY)), tmp_path, TODAY, QUICK)
    assert path.read_bytes() == BODY
    record = path.with_name(path.name + ".json").read_text()
    assert '"sha256"' in record and '"2026-11-26"' in record and server.address in record


def test_an_unchanged_file_is_not_sent_again(server: FakePublisher, tmp_path: Path) -> None:
    url = server.set_answers("/same", PublisherAnswer(BODY, headers={"ETag": '"a"'}))
    first = fetch_file(url, tmp_path, TODAY, QUICK)
    assert fetch_file(url, tmp_path, TODAY, QUICK) == first
    assert server.requests[-1][1]["If-None-Match"] == '"a"'
    assert first.read_bytes() == BODY


def test_a_file_corrupted_in_the_cache_is_fetched_again(server: FakePublisher, tmp_path: Path) -> None:
    url = server.set_answers("/corrupted", PublisherAnswer(BODY, headers={"ETag": '"a"'}))
    path = fetch_file(url, tmp_path, TODAY, QUICK)
    path.write_bytes(b"corrupted")
    assert fetch_file(url, tmp_path, TODAY, QUICK).read_bytes() == BODY


def test_a_download_cut_off_goes_on_where_it_stopped(server: FakePublisher, tmp_path: Path) -> None:
    marked = {"ETag": '"v1"'}
    url = server.set_answers(
        "/cut", PublisherAnswer(BODY, headers=marked, cut=40_000), PublisherAnswer(BODY, headers=marked)
    )
    assert fetch_file(url, tmp_path, TODAY, QUICK).read_bytes() == BODY
    assert server.requests[-1][1]["Range"] == "bytes=40000-"


def test_a_file_that_changed_between_the_parts_is_restarted(server: FakePublisher, tmp_path: Path) -> None:
    other = BODY.replace(b"2024", b"2025")
    url = server.set_answers(
        "/changed",
        PublisherAnswer(BODY, headers={"ETag": '"v1"'}, cut=40_000),
        PublisherAnswer(other, headers={"ETag": '"v2"'}),
    )
    assert fetch_file(url, tmp_path, TODAY, QUICK).read_bytes() == other


def test_a_download_without_a_validator_is_restarted(server: FakePublisher, tmp_path: Path) -> None:
    url = server.set_answers("/unmarked", PublisherAnswer(BODY, cut=40_000), PublisherAnswer(BODY))
    assert fetch_file(url, tmp_path, TODAY, QUICK).read_bytes() == BODY


def test_a_download_always_cut_off_is_refused_and_leaves_no_file(server: FakePublisher, tmp_path: Path) -> None:
    assert "download cut off at every try" in _refusal(
        server.set_answers("/ever-cut", PublisherAnswer(BODY, cut=10)), tmp_path
    )
    assert not [path for path in tmp_path.iterdir() if not path.suffix]


def test_a_server_error_is_tried_again(server: FakePublisher, tmp_path: Path) -> None:
    url = server.set_answers("/broken", PublisherAnswer(b"", 500), PublisherAnswer(b"", 503), PublisherAnswer(BODY))
    assert fetch_file(url, tmp_path, TODAY, QUICK).read_bytes() == BODY
    assert server.count_requests("/broken") == 3


def test_a_server_that_asks_for_patience_is_waited_for(
    server: FakePublisher, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    waited: list[float] = []
    monkeypatch.setattr("urllib3.util.retry.time.sleep", waited.append)
    url = server.set_answers("/busy", PublisherAnswer(b"", 429, {"Retry-After": "1"}), PublisherAnswer(BODY))
    assert fetch_file(url, tmp_path, TODAY, QUICK).read_bytes() == BODY
    assert 1 in waited


def test_a_server_that_asks_for_a_day_is_asked_again_after_the_longest_wait(
    server: FakePublisher, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    waited: list[float] = []
    monkeypatch.setattr("urllib3.util.retry.time.sleep", waited.append)
    url = server.set_answers("/tired", PublisherAnswer(b"", 429, {"Retry-After": "86400"}), PublisherAnswer(BODY))
    assert fetch_file(url, tmp_path, TODAY, QUICK).read_bytes() == BODY
    assert max(waited) <= QUICK.longest_wait


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (PublisherAnswer(b"gone", 404), "server returned 404"),
        (PublisherAnswer(b"", 500), "server returned 500"),
        (PublisherAnswer(b"<html>", type="text/html; charset=utf-8"), "a web page, expected data"),
        (PublisherAnswer(b"x", headers={"Content-Encoding": "br"}), "content encoding 'br'"),
        (PublisherAnswer(endless=True), "larger than 1,000,000 bytes"),
        (PublisherAnswer(BODY, slow=5), "the server did not respond in time"),
        (PublisherAnswer(BODY, 302, {"Location": "/redirected"}), "more than 3 redirects"),
        (PublisherAnswer(b"", 302, {"Location": "ftp://elsewhere.example/file"}), "expected https or the same host"),
        (PublisherAnswer(b"", 302, {"Location": "file:///etc/passwd"}), "expected https or the same host"),
        (PublisherAnswer(b"", 302, {"Location": "http://127.0.0.1:1/other"}), "expected https or the same host"),
        (PublisherAnswer(b"", 302), "expected https or the same host"),
    ],
    ids=[
        "gone", "ever broken", "web page", "unasked coding", "endless", "silent", "loop", "to ftp", "to a file",
        "to another host", "to nowhere",
    ],
)  # fmt: skip
def test_what_cannot_be_fetched_is_refused_in_one_line(
    server: FakePublisher, tmp_path: Path, answer: PublisherAnswer, message: str
) -> None:
    path = "/redirected" if "redirects" in message else "/refused"
    assert message in _refusal(server.set_answers(path, answer), tmp_path)
    assert not [path for path in tmp_path.iterdir() if not path.suffix]


def test_a_trickle_ends_with_the_total_time(server: FakePublisher, tmp_path: Path) -> None:
    limits = FetchLimits(connect=1, read=0.5, total=0.4, tries=2, back_off=0.01)
    url = server.set_answers("/trickle", PublisherAnswer(BODY, slow=0.05, piece=100))
    assert "incomplete after 0.4 seconds" in _refusal(url, tmp_path, limits)


def test_a_redirect_on_the_same_host_is_followed(server: FakePublisher, tmp_path: Path) -> None:
    server.set_answers("/new", PublisherAnswer(BODY))
    url = server.set_answers("/old", PublisherAnswer(b"", 301, {"Location": "/new"}))
    assert fetch_file(url, tmp_path, TODAY, QUICK).read_bytes() == BODY


def test_a_server_that_is_down_is_reported(tmp_path: Path) -> None:
    assert "the server is down" in _refusal("http://127.0.0.1:1/file.csv", tmp_path)
