"""The contract: what every source makes of its publisher's tree, and of any tree."""

import importlib
import os
import shutil
import zipfile
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from publisher import Expected

from ingest.__main__ import main
from ingest.layout import find
from ingest.plan import make_plan
from ingest.source import Source, sources
from ingest.tree import open_tree
from shards import part
from shards.home import Home
from shards.verify import verify
from splits.names import NUMBERINGS, place

PUBLISHERS = Path(__file__).parent / "publishers"
SOURCES = sources()


def publisher(name: str) -> ModuleType:
    return importlib.import_module(f"publishers.{name}")


def trees(name: str) -> dict[str, Callable[[Path], Expected]]:
    """The functions of a publisher's module that build a raw tree."""
    made = {n: f for n, f in vars(publisher(name)).items() if n == "tree" or n.startswith("tree_")}
    assert "tree" in made, f"publishers/{name}.py has no function `tree`"
    return made


@dataclass(frozen=True)
class Taken:
    """A publisher's tree and what ingest made of it."""

    source: Source
    raw: Path
    home: Home
    code: int
    rows: list[dict[str, Any]]
    expected: Expected

    @property
    def ok(self) -> list[dict[str, Any]]:
        return [row for row in self.rows if row["status"] == "ok"]


def state(raw: Path) -> dict[str, tuple[int, bytes]]:
    """Time and bytes of each file."""
    files = (path for path in sorted(raw.rglob("*")) if path.is_file())
    return {str(path.relative_to(raw)): (path.stat().st_mtime_ns, path.read_bytes()) for path in files}


def ingest(name: str, raw: Path, home: Home) -> int:
    return main(["take", name, str(raw), "--home", str(home.root), "--workers", "1", "--quiet"])


def rows_of(home: Home) -> list[dict[str, Any]]:
    return [row for path in part.parts(home) for row in part.read_rows(path) or []]


CASES = [
    pytest.param((name, build), id=f"{name}-{build}")
    for name in SOURCES
    if (PUBLISHERS / f"{name}.py").is_file()
    for build in trees(name)
]


@pytest.fixture(scope="module", params=CASES)
def taken(request: Any, tmp_path_factory: Any) -> Iterator[Taken]:
    """Each tree of each publisher, ingested from a folder that must not be written to."""
    name, build = request.param
    folder = tmp_path_factory.mktemp(name)
    raw, home = folder / "raw", Home(folder / "home")
    expected = trees(name)[build](raw)
    before = state(raw)
    folders = [raw, *(path for path in raw.rglob("*") if path.is_dir())]
    for path in folders:
        path.chmod(0o555)
    code = ingest(name, raw, home)
    assert state(raw) == before, "RAW is read-only"
    for path in folders:
        path.chmod(0o755)
    yield Taken(SOURCES[name], raw, home, code, rows_of(home), expected)
    shutil.rmtree(folder)


@pytest.mark.parametrize("name", SOURCES)
def test_every_source_has_its_publisher_s_tree(name):
    assert (PUBLISHERS / f"{name}.py").is_file(), f"write tests/ingest/publishers/{name}.py"
    assert callable(trees(name)["tree"])


@pytest.mark.parametrize("name", SOURCES)
def test_every_layout_of_a_source_is_that_of_one_of_its_trees(name, tmp_path):
    met = []
    for build, make in trees(name).items():
        make(tmp_path / build)
        met.append(find(SOURCES[name], open_tree(tmp_path / build)).layout)
    unmet = [str(layout) for layout in SOURCES[name].layouts if layout not in met]
    assert not unmet, f"add a function tree_... to publishers/{name}.py"


@pytest.mark.parametrize("name", SOURCES)
def test_every_source_says_whose_it_is_and_what_may_be_done_with_it(name):
    source = SOURCES[name]
    assert source.name == name
    assert source.licence
    assert source.scene
    if source.pairs or source.citation:
        assert source.citation
        assert source.page


def test_every_publisher_s_tree_is_of_a_source():
    assert {path.stem for path in PUBLISHERS.glob("*.py")} <= set(SOURCES)


def test_it_takes_what_is_whole_and_records_what_is_not(taken):
    assert taken.code == 0
    assert Counter(row["status"] for row in taken.rows) == {"ok": taken.expected.pairs, **taken.expected.failed}
    assert all(row["reason"] for row in taken.rows if row["status"] != "ok")


def test_subsets_and_scenes_are_the_publisher_s(taken):
    assert Counter(row["subset"] for row in taken.ok) == taken.expected.subsets
    assert Counter(row["scene"] for row in taken.ok) == taken.expected.scenes
    assert all(row["scene"] for row in taken.rows)


def test_keys_are_unique_in_one_subset_and_as_id_lists_call_them(taken):
    keys = [row["key"] for row in taken.rows]
    assert len(set(keys)) == len(keys)
    assert all(key.startswith(f"{taken.source.name}-") for key in keys)
    assert set(taken.expected.keys) <= {row["key"] for row in taken.ok}


def test_keys_tell_their_place_where_splits_know_how_the_source_numbers(taken):
    if taken.source.name in NUMBERINGS:
        untold = {row["scene"] for row in taken.ok if place(row["key"]) is None}
        assert untold <= {"bus1_sample"}, "which VTUAV's tracker renamed"


def test_both_sides_are_there_and_of_the_declared_band_and_depth(taken):
    paired = find(taken.source, open_tree(taken.raw)).layout.visible is not None
    for row in taken.ok:
        assert row["ir_size"] > 0
        assert (row["vis_size"] > 0) == paired
        assert (row["ir_bits"], row["band"]) == (taken.expected.bits, taken.source.band)
        assert (row["view"], row["licence"]) == (taken.source.view, taken.source.licence)


def test_boxes_are_all_there_and_lie_in_the_picture(taken):
    boxes = [(box, row) for row in taken.ok for box in row["boxes"]]
    assert len(boxes) == taken.expected.boxes
    for box, row in boxes:
        side = "vis" if box["side"] == "visible" else "ir"
        assert box["label"]
        assert 0 <= box["x0"] < box["x1"] <= row[f"{side}_width"]
        assert 0 <= box["y0"] < box["y1"] <= row[f"{side}_height"]


def test_what_was_written_is_what_its_parts_say(taken):
    assert [found for _, findings in verify(taken.home) for found in findings] == []


def test_junk_is_counted_and_never_read(taken):
    assert open_tree(taken.raw).junk == taken.expected.junk


def test_the_plan_does_not_depend_on_the_order_in_which_the_file_system_lists(taken, monkeypatch):
    plan = make_plan(taken.source, open_tree(taken.raw))
    listing, scan = os.listdir, os.scandir

    class Backwards:
        def __init__(self, *where: Any) -> None:
            with scan(*where) as found:
                self.entries = iter(list(found)[::-1])

        def __enter__(self) -> "Backwards":
            return self

        def __exit__(self, *_: object) -> None:
            pass

        def __iter__(self) -> Iterator[Any]:
            return self.entries

        def __next__(self) -> Any:
            return next(self.entries)

        def close(self) -> None:
            pass

    monkeypatch.setattr(os, "scandir", Backwards)
    monkeypatch.setattr(os, "listdir", lambda *where: listing(*where)[::-1])
    again = make_plan(taken.source, open_tree(taken.raw))
    assert (again.shards, again.unused, again.junk) == (plan.shards, plan.unused, plan.junk)


def test_the_same_bytes_come_again_and_from_the_archive_as_from_the_folder(taken, tmp_path):
    archive, home = tmp_path / "what was downloaded.zip", Home(tmp_path / "home")
    with zipfile.ZipFile(archive, "w") as file:
        for path in sorted(taken.raw.rglob("*")):
            file.write(path, path.relative_to(taken.raw))
    assert ingest(taken.source.name, archive, home) == 0
    assert rows_of(home) == taken.rows
    tars = {path.name: path.read_bytes() for path in taken.home.shards.rglob("*.tar")}
    assert {path.name: path.read_bytes() for path in home.shards.rglob("*.tar")} == tars
