"""A local publisher with scripted answers that can fail in every way seen so far."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from time import sleep

CSV_TYPE = "text/csv"


@dataclass
class PublisherAnswer:
    """One answer: status, body and headers; only `cut` bytes are sent, with `slow` seconds before each piece."""

    body: bytes = b""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    type: str = CSV_TYPE
    cut: int | None = None
    slow: float = 0.0
    piece: int = 1 << 16
    endless: bool = False


@dataclass
class FakePublisher:
    """Answers by path, used in order with the last one repeated; received requests with their headers."""

    address: str = ""
    answers: dict[str, list[PublisherAnswer]] = field(default_factory=dict)
    requests: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    ended: bool = False

    def set_answers(self, path: str, *answers: PublisherAnswer) -> str:
        """Set the answers of a path and return its full address."""
        self.answers[path] = list(answers)
        return self.address + path

    def take_answer(self, path: str) -> PublisherAnswer:
        """The next answer of a path; 404 for an unknown path."""
        waiting = self.answers.get(path, [PublisherAnswer(b"no such page", 404)])
        return waiting.pop(0) if len(waiting) > 1 else waiting[0]

    def count_requests(self, path: str) -> int:
        """The number of requests for a path."""
        return sum(requested == path for requested, _ in self.requests)


@contextmanager
def serve_publisher() -> Iterator[FakePublisher]:
    """A publisher that serves on a free local port until the end of the block."""
    publisher = FakePublisher()
    server = ThreadingHTTPServer(("127.0.0.1", 0), _build_handler(publisher))
    server.daemon_threads = True
    publisher.address = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield publisher
    finally:
        publisher.ended = True
        server.shutdown()
        server.server_close()
        thread.join()


def _build_handler(publisher: FakePublisher) -> Callable[..., BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            pass

        def do_GET(self) -> None:
            publisher.requests.append((self.path, dict(self.headers)))
            answer = publisher.take_answer(self.path)
            etag = answer.headers.get("ETag")
            if etag and self.headers.get("If-None-Match") == etag:
                self.send_response(304)
                self.end_headers()
                return
            with suppress(BrokenPipeError, ConnectionResetError):
                self._send_answer(answer, etag)

        def _send_answer(self, answer: PublisherAnswer, etag: str | None) -> None:
            body, status, headers = answer.body, answer.status, dict(answer.headers)
            byte_range = self.headers.get("Range")
            if byte_range and etag and self.headers.get("If-Range") == etag:
                start = int(byte_range.removeprefix("bytes=").rstrip("-"))
                headers["Content-Range"] = f"bytes {start}-{len(body) - 1}/{len(body)}"
                body, status = body[start:], 206
            self.send_response(status)
            self.send_header("Content-Type", answer.type)
            if not answer.endless:
                self.send_header("Content-Length", str(len(body)))
            for name, value in headers.items():
                self.send_header(name, value)
            self.end_headers()
            while answer.endless and not publisher.ended:
                self.wfile.write(b"1,2,3\n" * 10_000)
            body = body[: answer.cut]
            for at in range(0, len(body), answer.piece):
                if publisher.ended:
                    return
                sleep(answer.slow)
                self.wfile.write(body[at : at + answer.piece])

    return Handler
