"""The page of an audit: one file, no requests, what leaks in numbers and in pictures."""

import json
import re
from html import unescape
from pathlib import Path

import cv2
import numpy as np
import pytest

from reports import audit as page
from reports.__main__ import main
from splits.audit import Audit, of_folders
from splits.edges import KINDS, Edges


def view(seed: int) -> np.ndarray:
    """240 x 320 uint8, a place with houses."""
    rng = np.random.default_rng(seed)
    grey = np.full((240, 320), rng.integers(60, 200), np.uint8)
    for _ in range(60):
        x, y, w, h = (int(rng.integers(0, limit)) for limit in (320, 240, 80, 60))
        cv2.rectangle(grey, (x, y), (x + w, y + h), int(rng.integers(0, 256)), -1)
    return grey


@pytest.fixture
def found(tmp_path: Path) -> Audit:
    """Five training images, of which the test images show one again, one mirrored, and three not."""
    for name, images in (("train", range(5)), ("test", (0, 1, 7, 8, 9))):
        (tmp_path / name).mkdir()
        for seed in images:
            flipped = name == "test" and seed == 1
            cv2.imwrite(str(tmp_path / name / f"<{seed}>.png"), view(seed)[:, ::-1] if flipped else view(seed))
    return of_folders(tmp_path / "train", tmp_path / "test")


def built(tmp_path: Path, audit: Audit) -> str:
    page.build(tmp_path / "out" / "audit.html", audit)
    return (tmp_path / "out" / "audit.html").read_text(encoding="utf-8")


def test_the_page_counts_every_kind_of_leak(found: Audit, tmp_path: Path) -> None:
    text = built(tmp_path, found)
    assert "2 of 5 images leak (40.0%)" in text
    rows = re.findall(r'<th scope="row">([^<]+)</th><td>([^<]+)</td><td>([^<]+)</td>', text)
    assert [name for name, *_ in rows] == list(KINDS.values())
    leaking = {name: (images, share) for name, images, share in rows if images != "0"}
    once = ("1", "20.0%")
    assert leaking == {KINDS[kind]: once for kind in ("file", "pixels", "near", "flipped")}


def test_worst_pairs_stand_side_by_side_with_their_reason(found: Audit, tmp_path: Path) -> None:
    text = unescape(built(tmp_path, found))
    cards = re.findall(r'<article class="card">(.+?)</article>', text, re.DOTALL)
    shown = [tuple(re.findall(r"</b>([^\n]+)</figcaption>", card)) for card in cards]
    assert shown == [("test/<0>.png", "train/<0>.png")] * 3 + [("test/<1>.png", "train/<1>.png")]
    assert "0 of 256 bits apart, correlation 1.00" in cards[2]
    assert "mirror, 0 of 256 bits apart" in cards[3]


def test_the_page_loads_nothing_and_lets_no_name_become_markup(found: Audit, tmp_path: Path) -> None:
    text = built(tmp_path, found)
    assert all(address.startswith("data:") for address in re.findall(r'(?:src|href)="([^"]+)"', text))
    assert text.count("data:image/jpeg") == 2 * 4
    assert "<0>" not in text
    assert built(tmp_path, found) == text, "equal arguments, equal bytes"


def test_a_busy_scene_does_not_fill_the_page(found: Audit) -> None:
    (leaks,) = found.leaks
    numbers = np.arange(5)
    crowd = Edges.of(np.tile(numbers + 5, 1), numbers, "near", side="image", distance=np.array([3, 2, 1, 9, 8]))
    many = page.comparison(type(leaks)("train", "test", 5, leaks.keys, crowd, True), found.pictures, 2)
    (near,) = [kind for kind in many.kinds if kind.images]
    assert [pair.reason.split()[0] for pair in near.pairs] == ["1", "8"], "the nearest of each half"


def test_a_dataset_that_does_not_leak_says_so(tmp_path: Path) -> None:
    for name, seeds in (("train", range(3)), ("test", range(5, 8))):
        (tmp_path / name).mkdir()
        for seed in seeds:
            cv2.imwrite(str(tmp_path / name / f"{seed}.png"), view(seed))
    text = built(tmp_path, of_folders(tmp_path / "train", tmp_path / "test"))
    assert "None of 3 images leaks." in text
    assert "<article" not in text


def test_reasons_by_kind() -> None:
    one = np.array([0])
    assert page.reason(Edges.of(one, one, "time", distance=1), 0) == "1 frame apart"
    assert page.reason(Edges.of(one, one, "time", distance=4), 0) == "4 frames apart"
    assert page.reason(Edges.of(one, one, "scene"), 0) == ""


def test_the_command_writes_the_page_of_a_dataset(llvip_home, tmp_path, capsys) -> None:
    toml = tmp_path / "torn.toml"
    toml.write_text(
        'title = "Torn"\nversion = 1\n[[source]]\nname = "llvip"\n'
        '[split]\nby = "random"\nfractions = { train = 0.5, test = 0.5 }\n'
    )
    assert main(["audit", str(toml), "--home", str(llvip_home.root), "--json"]) == 0
    data = json.loads(capsys.readouterr().out)["data"]
    assert data["page"] == str(llvip_home.reports / "audit-torn.html")
    assert data["comparisons"][0]["kinds"]["scene"]["images"] > 0
    assert "Audit of torn" in Path(data["page"]).read_text()


def test_a_dataset_that_is_not_ingested_is_one_line(home, capsys) -> None:
    assert main(["audit", "roadscene", "--home", str(home.root)]) == 1
    assert "`python -m ingest roadscene RAW`" in capsys.readouterr().err
