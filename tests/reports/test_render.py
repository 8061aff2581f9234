"""Every rendering of one small table: the same numbers, marks and notes, safely escaped."""

import csv as csv_reader
import json
import re
from html.parser import HTMLParser

import pytest

from reports import paper, render
from reports.table import Cell, Column, Kind, Row, Table, table2

COLUMNS = (
    Column("a.fid", "FID", "lower", 2, group="A & B"),
    Column("a.psnr", "PSNR", "higher", 2, group="A & B"),
    Column("c.kid", "KID x1000", "lower", 1, scale=1000.0, group="C"),
)


def row(label: str, kind: Kind, group: str, fid: Cell, psnr: float, kid: float, *notes: str) -> Row:
    return Row(label, group, kind, {"a.fid": fid, "a.psnr": Cell(psnr), "c.kid": Cell(kid)}, notes, n=7)


@pytest.fixture
def table() -> Table:
    return Table(
        title="50% of <all>",
        columns=COLUMNS,
        rows=(
            row("grey_scale", "floor", "controls", Cell(None, "no weights: `add FILE_1`"), 9.0, 0.9),
            row("x_1 & {co} | 100%", "measured", "GAN", Cell(10.123, interval=(9.5, 11.0)), 12.0, 0.0123, "cut at #3"),
            row("plain", "measured", "GAN", Cell(11.0), 13.0, 0.0124),
            row("printed", "published", "published", Cell(1.0), 99.0, 0.0),
        ),
        footnotes=("A remark with ~ and ^.",),
        protocol="p@1",
        dataset="d_1",
        fingerprint="0123456789abcdef",
        n=7,
    )


class Page(HTMLParser):
    """Reads a fragment: texts by tag, and whether every element is closed in order."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.cells: list[tuple[str, dict[str, str | None], str]] = []
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.open.append(tag)
        if tag in ("th", "td"):
            self.cells.append((tag, dict(attrs), ""))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.cells and {"td", "th"} & set(self.open):
            tag, attributes, text = self.cells[-1]
            self.cells[-1] = (tag, attributes, text + data)


# Markdown


def test_markdown_source_is_aligned_and_escaped(table: Table) -> None:
    lines = [line for line in render.markdown(table).splitlines() if line.startswith("|")]
    assert len({len(line) for line in lines}) == 1
    assert any(line.startswith(r"| x_1 & {co} \| 100% [2] ") for line in lines)
    assert r"**50% of \<all>** (protocol p@1, N = 7, test fingerprint 0123456789ab)" in render.markdown(table)


def test_markdown_marks_values_and_numbers_notes(table: Table) -> None:
    text = render.markdown(table)
    assert "**10.12** (9.50, 11.00)" in text
    assert "<u>11.00</u>" in text
    assert "-- [1]" in text
    assert "\n1. no weights: `add FILE_1`\n2. cut at #3\n\nA remark" in text
    assert "A & B FID ↓" in text
    assert "C KID x1000 ↓" in text


# LaTeX


def test_latex_has_balanced_braces_and_full_rows(table: Table) -> None:
    for text in (render.latex(table), render.latex(table2(paper.load()))):
        bare = re.sub(r"\\[{}]", "", text)
        assert bare.count("{") == bare.count("}") > 0
        width = len(re.search(r"\\begin\{tabular\}\{@\{\}(\w+)@\{\}\}", text).group(1))  # type: ignore[union-attr]
        rows = [line for line in text.splitlines() if line.endswith(r"\\")]
        for line in rows:
            spans = [int(span) for span in re.findall(r"\\multicolumn\{(\d+)\}", line)]
            assert len(re.findall(r"(?<!\\)&", line)) + 1 + sum(spans) - len(spans) == width, line


def test_latex_escapes_what_would_break_a_paper(table: Table) -> None:
    text = render.latex(table)
    assert r"x\_1 \& \{co\} | 100\%\textsuperscript{2} & \textbf{10.12} (9.50, 11.00) & \underline{12.00}" in text
    assert r"\caption{50\% of \textless{}all\textgreater{} (protocol p@1" in text
    assert r"--\textsuperscript{1}" in text
    assert r"\textsuperscript{1}no weights: \texttt{add FILE\_1}\par" in text
    assert r"\textsuperscript{2}cut at \#3\par" in text
    assert r"A remark with \textasciitilde{} and \textasciicircum{}.\par" in text
    assert "↓" not in text


def test_latex_has_booktabs_rules_and_headings(table: Table) -> None:
    text = render.latex(table)
    assert r"& \multicolumn{2}{c}{A \& B} & \multicolumn{1}{c}{C} \\" in text
    assert r"\cmidrule(lr){2-3} \cmidrule(lr){4-4}" in text
    assert r"Method & FID $\downarrow$ & PSNR $\uparrow$ & KID x1000 $\downarrow$ \\" in text
    assert text.count(r"\midrule") == 3
    assert text.index(r"\toprule") < text.index(r"\midrule") < text.index(r"\bottomrule")
    assert r"\multicolumn{4}{@{}l}{\textit{controls}} \\" in text


# CSV and JSON


def test_csv_has_raw_numbers_and_reasons(table: Table) -> None:
    rows = list(csv_reader.DictReader(render.csv(table).splitlines()))
    assert rows[0]["a.fid"] == ""
    assert rows[0]["notes"] == "a.fid: no weights: `add FILE_1`"
    assert rows[1]["method"] == "x_1 & {co} | 100%"
    assert (rows[1]["a.fid"], rows[1]["a.fid_low"], rows[1]["a.fid_high"]) == ("10.123", "9.5", "11.0")
    assert rows[1]["c.kid"] == "0.0123"
    assert "a.psnr_low" not in rows[1]


def test_csv_never_lends_our_protocol_to_a_published_row(table: Table) -> None:
    rows = {line["method"]: line for line in csv_reader.DictReader(render.csv(table).splitlines())}
    assert (rows["plain"]["protocol"], rows["plain"]["fingerprint"]) == ("p@1", "0123456789abcdef")
    assert (rows["printed"]["protocol"], rows["printed"]["fingerprint"]) == ("unknown", "")


def test_json_holds_everything(table: Table) -> None:
    document = json.loads(render.FORMATS["json"](table))
    assert document == render.to_json(table)
    assert document["schema"] == "ir500k.table/1"
    assert document["columns"][2]["scale"] == 1000.0
    cells = document["rows"][1]["cells"]
    assert cells["a.fid"] == {
        "value": 10.123,
        "interval": [9.5, 11.0],
        "method": "",
        "per_scene": None,
        "sd": None,
        "p_best": None,
        "tied": False,
        "note": "",
        "mark": "best",
    }
    assert document["rows"][0]["cells"]["a.fid"]["note"] == "no weights: `add FILE_1`"
    assert document["rows"][3]["cells"]["a.fid"]["mark"] is None


# HTML


def test_html_is_a_semantic_table(table: Table) -> None:
    text = render.html(table)
    cells = Page(text).cells
    assert "<caption>50% of &lt;all&gt; " in text
    assert [attributes["scope"] for tag, attributes, _ in cells if tag == "th"] == (
        ["colgroup"] * 2 + ["col"] * 4 + ["rowgroup", "row"] + ["rowgroup", "row", "row"] + ["rowgroup", "row"]
    )
    assert ("th", {"scope": "row"}, "x_1 & {co} | 100%2") in cells


def test_html_marks_by_element_and_by_class(table: Table) -> None:
    text = render.html(table)
    best = (
        '<td class="best" title="95 % interval 9.50 to 11.00"><strong>10.12</strong> <small>(9.50, 11.00)</small></td>'
    )
    assert best in text
    assert '<td class="second"><u>11.00</u></td>' in text
    assert "<td>--<sup>1</sup></td>" in text
    assert "<li>no weights: <code>add FILE_1</code></li>" in text
    assert "<p>A remark with ~ and ^.</p>" in text


def test_no_rendering_needs_groups_notes_or_intervals() -> None:
    plain = Table("t", (Column("m", "M", None, 1),), (Row("r", "", "measured", {"m": Cell(1.0)}),))
    assert render.markdown(plain).count("\n") == 5
    assert "minipage" not in render.latex(plain)
    assert "multicolumn" not in render.latex(plain)
    assert "<ol>" not in render.html(plain)
    assert render.csv(plain).splitlines()[0] == "method,group,kind,protocol,dataset,fingerprint,n,m,notes"


def test_every_format_shows_every_row(table: Table) -> None:
    for name, renderer in render.FORMATS.items():
        assert all(label in renderer(table) for label in ("plain", "printed")), name


# What is told about how sure a number is


@pytest.fixture
def sure() -> Table:
    """A best row, a second that is tied with it, a third that is tied, and one with few scenes."""
    sure = "cluster bootstrap, 12 scenes, 2,000 resamples"
    cells = (
        Cell(15.0, interval=(14.0, 16.0), method=sure),
        Cell(14.5, interval=(13.5, 15.5), method=sure, sd=0.25, p_best=0.31),
        Cell(14.2, p_best=0.072),
        Cell(9.0, method="none: 2 scenes are too few", per_scene={"a<b": 8.0, "c": 10.0}, p_best=0.001),
    )
    return Table(
        "t",
        (Column("psnr", "PSNR", "higher", 1),),
        tuple(Row(f"row {i}", "", "measured", {"psnr": cell}) for i, cell in enumerate(cells)),
        footnotes=("≈: tied.",),
    )


def test_markdown_shows_ties_spread_over_seeds_and_intervals(sure: Table) -> None:
    text = render.markdown(sure)
    assert "**15.0** (14.0, 16.0) |" in text
    assert "<u>14.5</u> ± 0.2 (13.5, 15.5) ≈ |" in text
    assert " 14.2 ≈ |" in text
    assert " 9.0 |" in text


def test_latex_shows_them_too(sure: Table) -> None:
    text = render.latex(sure)
    assert r"& \underline{14.5} $\pm$ 0.2 (13.5, 15.5) $\approx$ \\" in text
    assert r"& 14.2 $\approx$ \\" in text
    assert r"$\approx$: tied.\par" in text
    assert "≈" not in text


def test_html_carries_ties_as_classes_and_the_rest_in_titles(sure: Table) -> None:
    text = render.html(sure)
    cells = [attributes for tag, attributes, _ in Page(text).cells if tag == "td"]
    assert [cell.get("class") for cell in cells] == ["best", "second tied", "tied", None]
    assert cells[1]["title"] == (
        "95 % interval 13.5 to 15.5; cluster bootstrap, 12 scenes, 2,000 resamples; p = 0.31 against the best"
    )
    assert cells[2]["title"] == "p = 0.072 against the best"
    assert cells[3]["title"] == "none: 2 scenes are too few; scenes: a<b 8.0, c 10.0; p = 0.001 against the best"
    assert "<u>14.5</u> ≈ <small>± 0.2 (13.5, 15.5)</small>" in text


def test_csv_and_json_hold_the_raw_numbers(sure: Table) -> None:
    rows = list(csv_reader.DictReader(render.csv(sure).splitlines()))
    assert (rows[1]["psnr_sd"], rows[1]["psnr_p_best"], rows[0]["psnr_p_best"]) == ("0.25", "0.31", "")
    cells = [row["cells"]["psnr"] for row in json.loads(render.FORMATS["json"](sure))["rows"]]
    assert [cell["mark"] for cell in cells] == ["best", "second", "tied", None]
    assert [cell["tied"] for cell in cells] == [False, True, True, False]
    assert cells[3]["per_scene"] == {"a<b": 8.0, "c": 10.0}
