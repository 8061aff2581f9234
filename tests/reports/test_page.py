"""The page: one file, no requests, safe text, and a script that does what a reader asks of it."""

import io
import json
import os
import re
import shutil
import subprocess
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest
from PIL import Image

from reports import frame, page
from reports.table import Cell, Column, Row, Table

VOID = {"meta", "link", "img", "input", "br"}


def picture(level: int, size: tuple[int, int] = (24, 16), form: str = "JPEG") -> bytes:
    out = io.BytesIO()
    Image.new("L", size, level).save(out, form)
    return out.getvalue()


def entry(key: str) -> page.Entry:
    return page.Entry(
        key,
        visible=picture(200),
        infrared=picture(90, form="PNG"),
        predictions={"mean <image>": picture(120), "pix2pix": picture(80, (16, 16))},
        scores={"pix2pix": {"ssim": 0.41239, "psnr": 13.5}},
    )


def small_table(label: str = "pix2pix") -> Table:
    columns = (Column("psnr", "PSNR", "higher", 2), Column("swd", "SWD", "lower", 2))
    rows = (
        Row("mean <image>", "controls", "floor", {"psnr": Cell(14.0), "swd": Cell(90.0)}),
        Row(label, "GAN", "measured", {"psnr": Cell(13.5), "swd": Cell(None, "too few images")}),
    )
    return Table("synthetic, test", columns, rows, (), "v2ir-256@1", "synthetic", "ab12cd34ef56ff", 44)


def build(path: Path, entries: int = 3) -> str:
    page.build(
        path,
        title="Four ways & more",
        tables=[small_table()],
        grids=[page.Grid("Pairs", "every third pair", [entry(f"pair-{i}") for i in range(entries)])],
        facts={"Seed": "0"},
        curves=[page.Curve("Loss", picture(255, form="PNG"))],
    )
    return path.read_text(encoding="utf-8")


class Reader(HTMLParser):
    """Every element with its attributes; fails where elements are not closed in order."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.elements: list[tuple[str, dict[str, str]]] = []
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, {name: value or "" for name, value in attrs}))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def all(self, tag: str) -> list[dict[str, str]]:
        return [attributes for name, attributes in self.elements if name == tag]


def test_the_page_loads_nothing_from_anywhere(tmp_path: Path) -> None:
    text = build(tmp_path / "index.html")
    for _, attributes in Reader(text).elements:
        for name in ("src", "href", "srcset", "action", "data", "poster"):
            assert attributes.get(name, "data:").startswith(("data:", "#"))
    assert "@import" not in text
    assert "url(" not in text
    assert "default-src 'none'" in text


def test_all_pictures_are_inside_with_a_text_for_those_who_do_not_see_them(tmp_path: Path) -> None:
    pictures = [a for a in Reader(build(tmp_path / "index.html")).all("img") if "src" in a]
    assert len(pictures) == 3 * 4 + 1
    assert {a["src"].split(";")[0] for a in pictures} == {"data:image/jpeg", "data:image/png"}
    assert pictures[0]["alt"] == "Visible image of pair-0"
    assert pictures[3]["alt"] == "Prediction by pix2pix for pair-0"
    assert all(a["alt"] for a in pictures)


def test_the_header_tells_what_was_measured(tmp_path: Path) -> None:
    text = build(tmp_path / "index.html")
    assert '<html lang="en">' in text
    assert "<title>Four ways &amp; more</title>" in text
    facts = dict(re.findall(r"<dt>([^<]+)</dt><dd>([^<]+)</dd>", text))
    assert facts == {
        "Dataset": "synthetic",
        "Protocol": "v2ir-256@1",
        "Test pairs": "44",
        "Test fingerprint": "ab12cd34ef56",
        "Seed": "0",
    }


def test_what_the_tables_disagree_on_is_left_to_their_captions(tmp_path: Path) -> None:
    other = Table("m3fd", small_table().columns, small_table().rows, (), "v2ir-256@1", "m3fd", "00", 650)
    page.build(tmp_path / "p.html", title="t", tables=[small_table(), other])
    facts = dict(re.findall(r"<dt>([^<]+)</dt><dd>([^<]+)</dd>", (tmp_path / "p.html").read_text()))
    assert facts == {"Protocol": "v2ir-256@1"}


def test_only_the_metrics_of_the_tables_are_explained(tmp_path: Path) -> None:
    text = build(tmp_path / "index.html")
    assert page.READING["psnr"] in text
    assert page.READING["swd"] in text
    assert page.READING["fid"] not in text
    assert "too few images" in text


def test_the_legend_tells_of_the_kinds_of_rows_that_are_there(tmp_path: Path) -> None:
    mixed = Table("t", small_table().columns, (*small_table().rows, replace(small_table().rows[1], kind="published")))
    page.build(tmp_path / "p.html", title="t", tables=[mixed])
    legend = re.search(r'<p class="legend">(.+?)</p>', (tmp_path / "p.html").read_text(), re.DOTALL)
    assert legend
    assert "never ranked. Measured and published rows are ranked apart. " in " ".join(legend[1].split())
    assert "ranked apart" not in build(tmp_path / "index.html")


def test_text_from_outside_cannot_become_markup(tmp_path: Path) -> None:
    evil = "<script>alert(1)</script>"
    path = tmp_path / "p.html"
    pair = page.Entry(evil, picture(1), picture(2), {evil: picture(3)}, {evil: {evil: 1.0}})
    page.build(
        path,
        title=evil,
        tables=[small_table(evil)],
        grids=[page.Grid(evil, evil, [pair])],
        facts={evil: evil},
        curves=[page.Curve(evil, picture(4))],
    )
    assert evil not in path.read_text()
    assert len(Reader(path.read_text()).all("script")) == 1


def test_scores_of_a_picture_are_shown_in_the_registrys_digits(tmp_path: Path) -> None:
    assert "<span>PSNR 13.50</span> <span>SSIM 0.4124</span>" in build(tmp_path / "index.html")


def test_equal_arguments_give_equal_bytes(tmp_path: Path) -> None:
    assert build(tmp_path / "a.html") == build(tmp_path / "b" / "c.html")


def test_a_page_that_cannot_be_made_leaves_the_old_one_alone(tmp_path: Path) -> None:
    path = tmp_path / "index.html"
    before = build(path)
    gif = picture(1, form="GIF")
    for bad, message in ((b"no image", "no image format"), (gif, "JPEG and PNG images, not gif")):
        with pytest.raises(ValueError, match=message):
            page.build(path, title="t", tables=[], curves=[page.Curve("Loss", bad)])
    assert path.read_text(encoding="utf-8") == before
    assert [file.name for file in tmp_path.iterdir()] == ["index.html"]


def test_a_curve_may_be_a_file(tmp_path: Path) -> None:
    (tmp_path / "loss.png").write_bytes(picture(7, form="PNG"))
    page.build(tmp_path / "p.html", title="t", tables=[], curves=[page.Curve("Loss", tmp_path / "loss.png")])
    assert frame.data_uri(picture(7, form="PNG")) in (tmp_path / "p.html").read_text()


# Colours: text of WCAG 2.2 level AA needs a contrast of 4.5 in either theme.


def luminance(colour: str) -> float:
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize("ground", ["paper", "panel"])
@pytest.mark.parametrize("text", ["ink", "muted", "accent"])
def test_text_stands_out_from_its_ground(tmp_path: Path, theme: int, ground: str, text: str) -> None:
    pairs = re.findall(r"--(\w+): light-dark\((#\w{6}), (#\w{6})\);", build(tmp_path / "index.html"))
    colours = {name: (light, dark)[theme] for name, light, dark in pairs}
    darker, lighter = sorted((luminance(colours[text]), luminance(colours[ground])))
    assert (lighter + 0.05) / (darker + 0.05) >= 4.5


# In a browser


PROBE = """
<pre id="probe"></pre>
<script>
const seen = {};
const shown = () => [...document.querySelectorAll(".entry:not([hidden]) h3")].map((h) => h.textContent);
const at = () => document.querySelector(".frame").style.getPropertyValue("--at");
const key = (name, target) => target.dispatchEvent(new KeyboardEvent("keydown", {key: name, bubbles: true}));
const range = document.querySelector("input[type=range]");
const method = () => document.querySelector(".chosen").textContent;
const below = () => document.querySelector(".frame .below").src;
seen.ready = document.documentElement.dataset.ready;
seen.start = [shown(), at(), method(), document.querySelector(".position").textContent];
range.value = 20; range.dispatchEvent(new Event("input"));
seen.slider = [at(), range.getAttribute("aria-valuetext")];
document.querySelector(".next").click();
seen.next = [shown(), at(), document.querySelector(".position").textContent];
key("ArrowLeft", document.body); key("ArrowLeft", document.body);
seen.left = shown();
key("ArrowRight", range);
seen.inSlider = shown();
key("ArrowRight", document.body);
seen.right = shown();
const before = below();
document.querySelector(".entry:not([hidden]) input[type=radio]").click();
seen.method = [method(), below() !== before];
document.querySelector(".next").click();
seen.kept = [method(), document.querySelectorAll(".compare").length];
document.querySelector(".theme").click();
const first = document.documentElement.dataset.theme;
document.querySelector(".theme").click();
seen.theme = [first, document.documentElement.dataset.theme].sort();
seen.phone = [
  document.documentElement.scrollWidth <= innerWidth,
  getComputedStyle(document.querySelector(".entry:not([hidden]) .stage")).gridTemplateColumns.split(" ").length,
];
document.getElementById("probe").textContent = JSON.stringify(seen);
</script>
"""


@pytest.fixture
def chromium() -> str:
    found = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if found is None and os.environ.get("CI"):
        pytest.fail("CI must have a browser: apt-get install chromium")
    if found is None:
        pytest.skip("needs chromium: apt-get install chromium")
    return found


def test_the_script_makes_the_page_a_viewer(tmp_path: Path, chromium: str) -> None:
    path = tmp_path / "index.html"
    path.write_text(build(path).replace("</body>", f"{PROBE}</body>"), encoding="utf-8")
    quiet = [
        f"--{flag}"
        for flag in (
            "headless", "no-sandbox", "disable-gpu", "disable-quic", "no-first-run", "disable-sync",
            "disable-background-networking", "disable-component-update", "window-size=540,900",
        )
    ]  # fmt: skip
    done = subprocess.run(
        [chromium, *quiet, f"--user-data-dir={tmp_path / 'profile'}", "--dump-dom", path.as_uri()],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    probe = re.search(r'<pre id="probe">(.+?)</pre>', done.stdout)
    assert probe, done.stderr
    assert json.loads(probe[1].replace("&lt;", "<").replace("&gt;", ">")) == {
        "ready": "true",
        "start": [["pair-0"], "50%", "pix2pix", "1 of 3"],
        "slider": ["20%", "infrared on the left 20 percent"],
        "next": [["pair-1"], "20%", "2 of 3"],
        "left": ["pair-2"],
        "inSlider": ["pair-2"],
        "right": ["pair-0"],
        "method": ["mean <image>", True],
        "kept": ["mean <image>", 1],
        "theme": ["dark", "light"],
        "phone": [True, 1],
    }
