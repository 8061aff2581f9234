"""Weights in a home: added, fetched, verified."""

import json
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file

from bench import weights
from bench.__main__ import main
from shards.download import Unreachable, digest
from shards.errors import UserError
from shards.home import Home


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path / "home")


@pytest.fixture
def network(tmp_path: Path) -> Path:
    path = tmp_path / "vae.safetensors"
    save_file({"a": torch.arange(1000.0)}, path)
    return path


def test_every_entry_says_what_it_is_for_and_under_which_licence() -> None:
    for entry in weights.registry().values():
        assert entry.title
        assert entry.purpose
        assert entry.licence
        assert entry.address.startswith("https://")
        assert len(entry.sha256) in (0, 64)
    licences = {entry.licence for entry in weights.registry().values()}
    assert {"CreativeML Open RAIL-M", "BSD-3-Clause", "Apache-2.0"} <= licences


def test_an_added_file_is_whole_until_a_byte_changes(home: Home, network: Path) -> None:
    entry = weights.get("sd15-vae")
    assert weights.state(entry, home)[0] == "missing"
    path = weights.add("sd15-vae", network, home)
    assert weights.state(entry, home) == ("whole", "")
    data = bytearray(path.read_bytes())
    data[-1] ^= 1
    path.write_bytes(data)
    state, remedy = weights.state(entry, home)
    assert state == "damaged"
    assert "weights fetch sd15-vae" in remedy


def test_a_truncated_file_is_refused(home: Home, network: Path) -> None:
    network.write_bytes(network.read_bytes()[:-100])
    with pytest.raises(UserError, match=r"no whole .safetensors file"):
        weights.add("sd15-vae", network, home)


@pytest.mark.parametrize("zipped", [True, False], ids=["zip", "the form before torch 1.6"])
@pytest.mark.parametrize("name", ["sam", "blip", "clip"])
def test_a_file_of_torch_is_taken_only_whole(name: str, zipped: bool, home: Home, tmp_path: Path) -> None:
    parts = {"a": torch.arange(300.0), "b": torch.zeros(7, dtype=torch.int64), "c": torch.ones(5).half()}
    file = tmp_path / "w"
    torch.save(
        {"model": parts | {"view of a": parts["a"][3:]}, "epoch": 3}, file, _use_new_zipfile_serialization=zipped
    )
    whole = file.read_bytes()
    for bad in (whole[:-1], whole[:-100], whole[:200], whole[:40] + bytes(range(256)) * 4, b"<html>", b""):
        file.write_bytes(bad)
        with pytest.raises(UserError, match=r"no whole .(pth|bin) file"):
            weights.add(name, file, home)
    file.write_bytes(whole)
    assert weights.add(name, file, home).read_bytes() == whole
    assert weights.state(weights.get(name), home) == ("whole", "")


def test_a_changed_byte_inside_a_zip_is_seen(home: Home, tmp_path: Path) -> None:
    torch.save({"a": torch.arange(300.0)}, tmp_path / "w")
    data = bytearray((tmp_path / "w").read_bytes())
    data[data.index(torch.arange(300.0).numpy().tobytes()) + 5] ^= 1
    (tmp_path / "w").write_bytes(data)
    with pytest.raises(UserError, match=r"no whole .pth file"):
        weights.add("sam", tmp_path / "w", home)


def test_a_truncated_tokenizer_is_refused(home: Home, tmp_path: Path) -> None:
    (tmp_path / "t.json").write_text('{"model": {"vocab": {')
    with pytest.raises(UserError, match=r"no whole .json file"):
        weights.add("sd15-tokenizer", tmp_path / "t.json", home)


def test_a_digest_that_begins_in_the_file_name_is_held_to(home: Home, tmp_path: Path) -> None:
    assert weights.get("alexnet").digest_begins == "7be5be79"
    (tmp_path / "a.pth").write_bytes(b"something else")
    with pytest.raises(UserError, match="alexnet has 7be5be79"):
        weights.add("alexnet", tmp_path / "a.pth", home)


def test_verify_tells_the_damaged_from_the_missing(home: Home, network: Path, capsys) -> None:
    words = ["weights", "verify", "--home", str(home.root), "--json"]
    assert main(words) == 0
    capsys.readouterr()
    weights.add("sd15-vae", network, home).write_bytes(b"x")
    assert main(words) == 1
    states = {row["name"]: row["state"] for row in json.loads(capsys.readouterr().out)["data"]["weights"]}
    assert states["sd15-vae"] == "damaged"
    assert states["inception"] == "missing"
    assert main(["weights", "verify", "inception", "--home", str(home.root)]) == 1


def test_fetch_brings_the_file_and_notes_its_digest(home: Home, network: Path, monkeypatch) -> None:
    def arrive(address: str, path: Path, **_: object) -> str:
        path.parent.mkdir(parents=True)
        path.write_bytes(network.read_bytes())
        return digest(path)

    monkeypatch.delenv("IR500K_OFFLINE", raising=False)
    monkeypatch.setattr(weights, "download", arrive)
    path = weights.fetch("sd15-vae", home)
    assert path.with_name(f"{path.name}.sha256").read_text() == f"{digest(network)}  {path.name}\n"
    monkeypatch.setattr(weights, "download", lambda *_, **__: pytest.fail("fetched again"))
    assert weights.fetch("sd15-vae", home) == path


def test_fetch_replaces_a_damaged_copy_and_leaves_it_where_nothing_comes(
    home: Home, network: Path, monkeypatch
) -> None:
    def closed(*_: object, **__: object) -> str:
        raise Unreachable("no route")

    def arrive(address: str, path: Path, **_: object) -> str:
        path.write_bytes(network.read_bytes())
        return digest(path)

    monkeypatch.delenv("IR500K_OFFLINE", raising=False)
    path = weights.add("sd15-vae", network, home)
    path.write_bytes(b"x")
    monkeypatch.setattr(weights, "download", closed)
    with pytest.raises(UserError, match="no route"):
        weights.fetch("sd15-vae", home)
    assert path.read_bytes() == b"x"
    monkeypatch.setattr(weights, "download", arrive)
    assert weights.fetch("sd15-vae", home) == path
    assert weights.state(weights.get("sd15-vae"), home) == ("whole", "")


def test_a_fetched_file_that_is_something_else_does_not_stay(home: Home, monkeypatch) -> None:
    def arrive(address: str, path: Path, **_: object) -> str:
        path.parent.mkdir(parents=True)
        path.write_bytes(b"<html>quota exceeded</html>")
        return digest(path)

    monkeypatch.delenv("IR500K_OFFLINE", raising=False)
    monkeypatch.setattr(weights, "download", arrive)
    with pytest.raises(UserError, match=r"no whole .safetensors file"):
        weights.fetch("sd15-vae", home)
    assert not weights.get("sd15-vae").path(home).exists()


def test_without_a_network_fetch_says_what_to_do_and_scoring_goes_on(home: Home, monkeypatch) -> None:
    def closed(*_: object, **__: object) -> str:
        raise Unreachable("no route")

    monkeypatch.delenv("IR500K_OFFLINE", raising=False)
    monkeypatch.setattr(weights, "download", closed)
    with pytest.raises(UserError, match="no route"):
        weights.fetch("inception", home)
    monkeypatch.setattr(weights, "_refused", set())
    assert weights.find_or_fetch("inception", home) is None
    monkeypatch.setattr(weights, "download", lambda *_, **__: pytest.fail("tried twice in one process"))
    assert weights.find_or_fetch("inception", home) is None


@pytest.mark.parametrize("words", [["fetch"], ["add", "inception"], ["fetch", "inception", "file"]])
def test_words_that_do_not_fit_are_usage(words: list[str], home: Home) -> None:
    assert main(["weights", *words, "--home", str(home.root)]) == 2


def test_a_log_in_page_instead_of_the_file_stops_no_scoring(home: Home, monkeypatch, capsys) -> None:
    def answer(*_: object, **__: object) -> str:
        raise UserError("gave a file with sha256 00", "a proxy answered")

    monkeypatch.delenv("IR500K_OFFLINE", raising=False)
    monkeypatch.setattr(weights, "download", answer)
    monkeypatch.setattr(weights, "_refused", set())
    assert weights.find_or_fetch("inception", home) is None
    assert "inception: gave a file with sha256 00; a proxy answered" in capsys.readouterr().err
