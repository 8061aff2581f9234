"""`ingest fetch` downloads what may be downloaded, whole or not at all, and goes on where it broke off."""

import hashlib
import http.server
import subprocess
import threading
from dataclasses import replace
from functools import partial

import pytest

from ingest.__main__ import main
from ingest.fetch import clone, download, fetch
from ingest.source import Git, Http, get, sources
from shards.errors import UserError

CONTENT = bytes(range(256)) * 9_000  # more than two chunks


class Host(http.server.BaseHTTPRequestHandler):
    """Serves CONTENT, by ranges where `ranges`; notes what was asked for, and hangs up after `breaks_at` bytes once."""

    def __init__(self, behaviour, *words):
        self.behaviour = behaviour
        super().__init__(*words)

    def do_GET(self):
        asked = self.headers.get("Range", "")
        self.behaviour["asked"].append(asked)
        if self.path != "/set%20one.zip":
            self.send_error(404)
            return
        begin = int(asked[6:].rstrip("-")) if asked and self.behaviour["ranges"] else 0
        if begin >= len(CONTENT):
            self.send_error(416)
            return
        self.send_response(206 if begin else 200)
        self.send_header("Content-Length", str(len(CONTENT) - begin))
        self.end_headers()
        self.wfile.write(CONTENT[begin : self.behaviour.pop("breaks_at", None)])

    def log_message(self, *words):
        pass


@pytest.fixture
def host():
    """Its address and its behaviour."""
    behaviour = {"asked": [], "ranges": True}
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), partial(Host, behaviour))
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}", behaviour
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def file(host):
    return Http(f"{host[0]}/set%20one.zip", hashlib.sha256(CONTENT).hexdigest(), len(CONTENT))


def test_a_file_arrives_whole_under_its_own_name(file, tmp_path):
    assert download(file, tmp_path).read_bytes() == CONTENT
    assert [path.name for path in tmp_path.iterdir()] == ["set one.zip"]


def test_what_is_there_and_whole_is_not_asked_for_again(file, host, tmp_path):
    download(file, tmp_path)
    host[1]["asked"].clear()
    download(file, tmp_path)
    assert host[1]["asked"] == []


def test_it_goes_on_where_it_broke_off(file, host, tmp_path):
    host[1]["breaks_at"] = 1_500_000
    with pytest.raises(UserError, match="goes on where it broke off"):
        download(file, tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["set one.zip.part"]
    assert download(file, tmp_path).read_bytes() == CONTENT
    assert host[1]["asked"] == ["", "bytes=1500000-"]


def test_a_host_without_ranges_sends_it_all_again(file, host, tmp_path):
    host[1].update(breaks_at=1_500_000, ranges=False)
    with pytest.raises(UserError):
        download(file, tmp_path)
    assert download(file, tmp_path).read_bytes() == CONTENT


def test_a_part_that_is_whole_already_only_gets_its_name(file, tmp_path):
    (tmp_path / "set one.zip.part").write_bytes(CONTENT)
    assert download(file, tmp_path).read_bytes() == CONTENT


def test_a_part_of_something_else_is_thrown_away(file, tmp_path):
    (tmp_path / "set one.zip.part").write_bytes(b"another file's beginning")
    assert download(file, tmp_path).read_bytes() == CONTENT


def test_other_bytes_than_declared_never_get_the_name(file, tmp_path):
    with pytest.raises(UserError, match="expected is 0000000000000000"):
        download(replace(file, sha256="0" * 64), tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_file_of_that_name_that_is_another_is_left_alone(file, tmp_path):
    (tmp_path / "set one.zip").write_bytes(b"mine")
    with pytest.raises(UserError, match="is not the file that the publisher had"):
        download(file, tmp_path)
    assert (tmp_path / "set one.zip").read_bytes() == b"mine"


def test_what_the_host_does_not_have_is_told(file, host, tmp_path):
    with pytest.raises(UserError, match="404"):
        download(replace(file, url=f"{host[0]}/gone.zip"), tmp_path)


@pytest.fixture
def repository(tmp_path):
    """A bare repository with two commits: (address, the first commit)."""
    work = tmp_path / "work"

    def git(*words):
        who = ["-c", "user.name=a", "-c", "user.email=a@b", "-c", "commit.gpgsign=false"]
        return subprocess.run(["git", *who, *words], cwd=work, check=True, capture_output=True, text=True).stdout

    work.mkdir()
    git("init", "--quiet")
    for text in ("first", "second"):
        for name in ("images/1.txt", "images/deep/2.txt", "code/run.py"):
            (work / name).parent.mkdir(parents=True, exist_ok=True)
            (work / name).write_text(text)
        git("add", ".")
        git("commit", "--quiet", "--message", text)
    subprocess.run(["git", "clone", "--quiet", "--bare", str(work), str(tmp_path / "set.git")], check=True)
    return (tmp_path / "set.git").as_uri(), git("rev-parse", "HEAD~1").strip()


def texts(folder):
    return {
        str(p.relative_to(folder)): p.read_text() for p in folder.rglob("*") if p.is_file() and ".git" not in p.parts
    }


def test_a_repository_is_checked_out_at_the_declared_commit_even_by_its_shortened_hash(repository, tmp_path):
    url, commit = repository
    place = clone(Git(url, commit[:7]), tmp_path / "raw")
    assert place == tmp_path / "raw" / "set"
    assert texts(place) == {"images/1.txt": "first", "images/deep/2.txt": "first", "code/run.py": "first"}


def test_only_the_folders_that_are_wanted_come(repository, tmp_path):
    url, commit = repository
    place = clone(Git(url, commit, ["images"]), tmp_path / "raw")
    assert texts(place) == {"images/1.txt": "first", "images/deep/2.txt": "first"}


def test_a_clone_that_lost_files_is_made_whole_again(repository, tmp_path):
    item = Git(*repository)
    place = clone(item, tmp_path / "raw")
    (place / "images/1.txt").unlink()
    (place / "code/run.py").write_text("half")
    clone(item, tmp_path / "raw")
    assert set(texts(place).values()) == {"first"}


def test_a_folder_that_is_no_clone_and_a_commit_that_is_not_there_are_told(repository, tmp_path):
    url, commit = repository
    (tmp_path / "raw/set").mkdir(parents=True)
    (tmp_path / "raw/set/mine.txt").touch()
    with pytest.raises(UserError, match="holds something that is no clone"):
        clone(Git(url, commit), tmp_path / "raw")
    with pytest.raises(UserError, match="git checkout failed"):
        clone(Git(url, "0" * 40), tmp_path / "other")


def test_a_source_of_several_items_is_fetched_whole(file, repository, tmp_path):
    source = replace(get("llvip"), fetch=[file, Git(*repository)])
    assert fetch(source, tmp_path / "raw") == tmp_path / "raw"
    assert sorted(path.name for path in (tmp_path / "raw").iterdir()) == ["set", "set one.zip"]


@pytest.mark.parametrize(
    ("name", "page", "archive"),
    [
        ("vtuav", "https://zhang-pengyu.github.io/DUT-VTUAV/", "train_ST_001.zip"),
        ("llvip", "https://bupt-ai-cz.github.io/LLVIP", "LLVIP.zip"),
    ],
)
def test_what_may_not_be_fetched_is_exit_1_with_the_page_and_the_files(name, page, archive, tmp_path, capsys):
    assert main(["fetch", name, str(tmp_path / "raw")]) == 1
    said = capsys.readouterr().err
    assert page in said
    assert archive in said
    assert not (tmp_path / "raw").exists()


def test_only_sources_whose_licence_says_so_or_whose_publisher_hosts_the_repository_are_fetched():
    for source in sources().values():
        for item in source.fetch:
            assert source.redistribute or item.url.startswith(source.page), source.name
