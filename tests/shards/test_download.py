"""Downloads from a server that cuts connections, lies, or cannot resume."""

import hashlib
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from shards.download import Unreachable, download
from shards.errors import UserError

CONTENT = bytes(range(256)) * 5000
SHA256 = hashlib.sha256(CONTENT).hexdigest()


class Server(BaseHTTPRequestHandler):
    """/whole cannot resume, /ranges can, /cut ends in the middle."""

    asked: list[str | None] = []  # noqa: RUF012

    def do_GET(self) -> None:
        wanted = self.headers.get("Range")
        Server.asked.append(wanted)
        begin = int(wanted.removeprefix("bytes=").removesuffix("-")) if wanted and self.path != "/whole" else 0
        if self.path == "/absent":
            self.send_error(404)
            return
        if begin >= len(CONTENT):
            self.send_error(416)
            return
        self.send_response(206 if begin else 200)
        self.send_header("Content-Length", str(len(CONTENT) - begin))
        self.end_headers()
        self.wfile.write(CONTENT[begin : begin + 400_000] if self.path == "/cut" else CONTENT[begin:])

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def address() -> Iterator[str]:
    Server.asked = []
    server = ThreadingHTTPServer(("127.0.0.1", 0), Server)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def test_a_file_arrives_whole_and_leaves_no_part(address: str, tmp_path: Path) -> None:
    assert download(f"{address}/ranges", tmp_path / "f", sha256=SHA256, quiet=True) == SHA256
    assert [p.name for p in tmp_path.iterdir()] == ["f"]


def test_a_cut_connection_keeps_what_came_and_the_next_call_goes_on(address: str, tmp_path: Path) -> None:
    with pytest.raises(Unreachable, match="400,000 of 1,280,000"):
        download(f"{address}/cut", tmp_path / "f", quiet=True)
    assert not (tmp_path / "f").exists()
    assert download(f"{address}/ranges", tmp_path / "f", sha256=SHA256, quiet=True) == SHA256
    assert Server.asked == [None, "bytes=400000-"]


@pytest.mark.parametrize("there", [700_000, len(CONTENT)])
def test_a_server_that_cannot_resume_starts_again_and_one_that_is_done_says_so(
    address: str, tmp_path: Path, there: int
) -> None:
    (tmp_path / "f.part").write_bytes(CONTENT[:there])
    way = "whole" if there < len(CONTENT) else "ranges"
    assert download(f"{address}/{way}", tmp_path / "f", sha256=SHA256, quiet=True) == SHA256


def test_other_bytes_than_promised_are_removed(address: str, tmp_path: Path) -> None:
    with pytest.raises(UserError, match="expected is 0000000000000000"):
        download(f"{address}/whole", tmp_path / "f", sha256="0" * 64, quiet=True)
    assert not list(tmp_path.iterdir())


def test_an_absent_file_and_a_closed_port_are_unreachable(address: str, tmp_path: Path) -> None:
    with pytest.raises(Unreachable, match="404"):
        download(f"{address}/absent", tmp_path / "f", quiet=True)
    with pytest.raises(Unreachable):
        download("http://127.0.0.1:9/f", tmp_path / "f", timeout=2, quiet=True)


def test_a_part_of_something_else_is_given_up(address: str, tmp_path: Path) -> None:
    (tmp_path / "f.part").write_bytes(b"x" * 1000)
    assert download(f"{address}/ranges", tmp_path / "f", sha256=SHA256, quiet=True) == SHA256
    assert Server.asked == ["bytes=1000-", None]
