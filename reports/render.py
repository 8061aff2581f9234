"""A table as Markdown, LaTeX or HTML for readers, as CSV or JSON with raw numbers for machines."""

import io
import json
import re
from collections.abc import Callable, Mapping, Sequence
from csv import writer
from html import escape
from itertools import accumulate, groupby, pairwise
from typing import Any

from reports.table import Column, Direction, Mark, Row, Table, footnotes, groups, marks

MISSING = "--"
TIED = "≈"
ARROWS: Mapping[Direction, str] = {"higher": "↑", "lower": "↓"}

_MARKDOWN: Mapping[Mark | None, str] = {None: "{}", "best": "**{}**", "second": "<u>{}</u>", "tied": "{}"}
_CODE = re.compile(r"`([^`]*)`")
_LATEX = {
    "\\": r"\textbackslash{}", "{": r"\{", "}": r"\}", "$": r"\$", "&": r"\&", "#": r"\#", "%": r"\%",
    "_": r"\_", "^": r"\textasciicircum{}", "~": r"\textasciitilde{}", "<": r"\textless{}", ">": r"\textgreater{}",
    "`": r"\textasciigrave{}", "×": r"$\times$", "±": r"$\pm$", "↑": r"$\uparrow$",
    "↓": r"$\downarrow$", "≈": r"$\approx$", "→": r"$\to$", "≤": r"$\leq$", "≥": r"$\geq$", "·": r"$\cdot$",
}  # fmt: skip


def identity(table: Table) -> str:
    """Where the numbers come from, in one line: protocol, N, start of the fingerprint.

    >>> identity(Table("t", (), (), protocol="v2ir-256@1", n=1500, fingerprint="0123456789abcdef"))
    'protocol v2ir-256@1, N = 1,500, test fingerprint 0123456789ab'
    """
    parts = [f"protocol {table.protocol}"]
    if table.n is not None:
        parts.append(f"N = {table.n:,}")
    if table.fingerprint:
        parts.append(f"test fingerprint {table.fingerprint[:12]}")
    return ", ".join(parts)


def markdown(table: Table) -> str:
    """A GitHub table with aligned columns: **best**, <u>second</u>, ≈ for tied with the best, [1] for a footnote."""
    notes, marked = footnotes(table), marks(table)
    body: list[list[str]] = []
    for heading, indices in groups(table):
        if heading:
            body.append([f"*{_markdown_text(heading)}*", *[""] * len(table.columns)])
        for index in indices:
            label = _markdown_text(table.rows[index].label)
            line = [" ".join([label, *(f"[{number}]" for number in notes.rows[index])])]
            for column in table.columns:
                text = _MARKDOWN[marked.get((index, column.key))].format(_value(table.rows[index], column))
                text += _spread(table.rows[index], column) + _tie(table.rows[index], column)
                if number := notes.cells.get((index, column.key)):
                    text += f" [{number}]"
                line.append(text)
            body.append(line)
    head = ["Method", *(_markdown_text(f"{c.group} {_heading(c)}".strip()) for c in table.columns)]
    widths = [max(3, *(len(line[i]) for line in [head, *body])) for i in range(len(head))]
    rule = ["-" * widths[0], *("-" * (width - 1) + ":" for width in widths[1:])]
    drawn = [_aligned(line, widths) for line in [head, rule, *body]]
    below = [f"{number}. {text}" for number, text in enumerate(notes.texts, start=1)]
    blocks = [
        f"**{_markdown_text(table.title)}** ({identity(table)})",
        "\n".join(drawn),
        "\n".join(below),
        "\n\n".join(table.footnotes),
    ]
    return "\n\n".join(block for block in blocks if block) + "\n"


def latex(table: Table) -> str:
    r"""A floating table in booktabs style, to be pasted into a paper that says `\usepackage{booktabs,textcomp}`."""
    notes, marked = footnotes(table), marks(table)
    width = len(table.columns) + 1
    lines = [
        r"\begin{table}[t]",
        r"\centering",
        rf"\caption{{{_latex_text(table.title)} ({_latex_text(identity(table))}).}}",
        rf"\begin{{tabular}}{{@{{}}l{'r' * len(table.columns)}@{{}}}}",
        r"\toprule",
        *_latex_column_groups(table),
        " & ".join(["Method", *(_latex_text(_heading(column)) for column in table.columns)]) + r" \\",
    ]
    for heading, indices in groups(table):
        lines.append(r"\midrule")
        if heading:
            lines.append(rf"\multicolumn{{{width}}}{{@{{}}l}}{{\textit{{{_latex_text(heading)}}}}} \\")
        for index in indices:
            row = table.rows[index]
            cells = [_latex_text(row.label) + _latex_numbers(notes.rows[index])]
            for column in table.columns:
                text = _value(row, column)
                if mark := marked.get((index, column.key)):
                    text = {"best": rf"\textbf{{{text}}}", "second": rf"\underline{{{text}}}", "tied": text}[mark]
                number = notes.cells.get((index, column.key))
                about = _latex_text(_spread(row, column) + _tie(row, column))
                cells.append(text + about + _latex_numbers((number,) if number else ()))
            lines.append(" & ".join(cells) + r" \\")
    lines += [r"\bottomrule", r"\end{tabular}"]
    below = [
        *(_latex_numbers((number,)) + _latex_text(text) for number, text in enumerate(notes.texts, start=1)),
        *map(_latex_text, table.footnotes),
    ]
    if below:
        lines += ["", r"\smallskip", r"\begin{minipage}{\linewidth}\footnotesize\raggedright"]
        lines += [f"{text}\\par" for text in below]
        lines.append(r"\end{minipage}")
    return "\n".join([*lines, r"\end{table}"]) + "\n"


def csv(table: Table) -> str:
    """One line per row with raw, unrounded numbers; empty where missing, the reasons under `notes`."""
    extras = {column.key: _csv_extras(table, column) for column in table.columns}
    head = ["method", "group", "kind", "protocol", "dataset", "fingerprint", "n"]
    for column in table.columns:
        head += [column.key, *(f"{column.key}_{name}" for name in extras[column.key])]
    out = io.StringIO()
    lines = writer(out, lineterminator="\n")
    lines.writerow([*head, "notes"])
    for row in table.rows:
        # A published row never takes over the protocol and the test images of its neighbours.
        origin = ["unknown", "", ""] if row.kind == "published" else [table.protocol, table.dataset, table.fingerprint]
        line: list[Any] = [row.label, row.group, row.kind, *origin, row.n]
        notes = list(row.notes)
        for column in table.columns:
            cell = row.cells[column.key]
            low, high = cell.interval or (None, None)
            known = {"low": low, "high": high, "sd": cell.sd, "p_best": cell.p_best}
            line += [cell.value, *(known[name] for name in extras[column.key])]
            notes += [f"{column.key}: {cell.note}"] if cell.note else []
        lines.writerow([*line, "; ".join(notes)])
    return out.getvalue()


def to_json(table: Table) -> dict[str, Any]:
    """The table as plain data of schema `ir500k.table/1`: raw numbers, marks, notes in full."""
    marked = marks(table)
    return {
        "schema": "ir500k.table/1",
        "title": table.title,
        "protocol": table.protocol,
        "dataset": table.dataset,
        "fingerprint": table.fingerprint,
        "n": table.n,
        "columns": [
            {
                "key": c.key,
                "title": c.title,
                "group": c.group,
                "direction": c.direction,
                "digits": c.digits,
                "scale": c.scale,
            }
            for c in table.columns
        ],
        "rows": [
            {
                "label": row.label,
                "group": row.group,
                "kind": row.kind,
                "n": row.n,
                "notes": list(row.notes),
                "cells": {
                    key: {
                        "value": cell.value,
                        "interval": list(cell.interval) if cell.interval else None,
                        "method": cell.method,
                        "per_scene": dict(cell.per_scene) if cell.per_scene else None,
                        "sd": cell.sd,
                        "p_best": cell.p_best,
                        "tied": cell.tied,
                        "note": cell.note,
                        "mark": marked.get((index, key)),
                    }
                    for key, cell in row.cells.items()
                },
            }
            for index, row in enumerate(table.rows)
        ],
        "footnotes": list(table.footnotes),
    }


def html(table: Table) -> str:
    """A figure with a semantic table, readable without any style sheet.

    Best is <strong>, second is <u>, tied with the best is ≈, and the cells carry those words as classes; how sure a
    number is stands in the cell's title. The table stands in a container of its own so that a narrow screen scrolls the
    table and not the page.
    """
    notes, marked = footnotes(table), marks(table)
    width = len(table.columns) + 1
    name = escape(table.title)
    lines = [
        '<figure class="scores">',
        f'<div class="scroll" role="region" aria-label="{name}" tabindex="0">',
        "<table>",
        f"<caption>{name} <small>{escape(identity(table))}</small></caption>",
        "<thead>",
        *_html_column_groups(table),
        '<tr><th scope="col">Method</th>'
        + "".join(f'<th scope="col">{escape(_heading(column))}</th>' for column in table.columns)
        + "</tr>",
        "</thead>",
    ]
    for heading, indices in groups(table):
        lines.append(f'<tbody class="{table.rows[indices[0]].kind}">')
        if heading:
            lines.append(f'<tr class="group"><th scope="rowgroup" colspan="{width}">{escape(heading)}</th></tr>')
        for index in indices:
            row = table.rows[index]
            cells = [f'<th scope="row">{escape(row.label)}{_html_numbers(notes.rows[index])}</th>']
            for column in table.columns:
                number = notes.cells.get((index, column.key))
                cells.append(_html_cell(row, column, marked.get((index, column.key)), (number,) if number else ()))
            lines.append(f"<tr>{''.join(cells)}</tr>")
        lines.append("</tbody>")
    lines += ["</table>", "</div>", "<figcaption>"]
    if notes.texts:
        lines += ["<ol>", *(f"<li>{_html_text(text)}</li>" for text in notes.texts), "</ol>"]
    lines += [f"<p>{_html_text(text)}</p>" for text in table.footnotes]
    return "\n".join([*lines, "</figcaption>", "</figure>"]) + "\n"


FORMATS: Mapping[str, Callable[[Table], str]] = {
    "md": markdown,
    "latex": latex,
    "csv": csv,
    "json": lambda table: json.dumps(to_json(table), ensure_ascii=False, allow_nan=False, indent=1) + "\n",
    "html": html,
}
"""What `--format` offers: name -> renderer of the table alone."""


def _value(row: Row, column: Column) -> str:
    """The number as shown, or the sign for a missing one."""
    value = row.cells[column.key].value
    return MISSING if value is None else column.shown(value)


def _spread(row: Row, column: Column) -> str:
    """Its deviation over seeds and its confidence interval as shown, empty where there are none."""
    cell = row.cells[column.key]
    seeds = f" ± {column.shown(cell.sd)}" if cell.sd is not None else ""
    return seeds + (f" ({column.shown(cell.interval[0])}, {column.shown(cell.interval[1])})" if cell.interval else "")


def _tie(row: Row, column: Column) -> str:
    """The sign of a row that is not significantly different from the best."""
    return f" {TIED}" if row.cells[column.key].tied else ""


def _about(row: Row, column: Column) -> str:
    """How sure a number is, in words."""
    cell = row.cells[column.key]
    parts = []
    if cell.interval:
        parts.append(f"95 % interval {column.shown(cell.interval[0])} to {column.shown(cell.interval[1])}")
    if cell.method:
        parts.append(cell.method)
    if cell.per_scene:
        parts.append("scenes: " + ", ".join(f"{name} {column.shown(value)}" for name, value in cell.per_scene.items()))
    if cell.p_best is not None:
        parts.append(f"p = {cell.p_best:.2g} against the best")
    return "; ".join(parts)


def _csv_extras(table: Table, column: Column) -> list[str]:
    """Which columns beside the value any row of the table needs."""
    cells = [row.cells[column.key] for row in table.rows]
    bounds = ["low", "high"] if any(cell.interval for cell in cells) else []
    return bounds + [name for name in ("sd", "p_best") if any(getattr(cell, name) is not None for cell in cells)]


def _heading(column: Column) -> str:
    return f"{column.title} {ARROWS[column.direction]}" if column.direction else column.title


def _column_groups(table: Table) -> list[tuple[str, int]]:
    """Headings over neighbouring columns with the number of columns below; empty where no column has one."""
    if not any(column.group for column in table.columns):
        return []
    return [(name, len(list(below))) for name, below in groupby(column.group for column in table.columns)]


def _markdown_text(text: str) -> str:
    """Text that a cell of a Markdown table shows as it is."""
    return re.sub(r"([\\|*<`])", r"\\\1", " ".join(text.split()))


def _aligned(line: list[str], widths: list[int]) -> str:
    """One source line: labels to the left, numbers to the right."""
    cells = [line[0].ljust(widths[0]), *(text.rjust(width) for text, width in zip(line[1:], widths[1:], strict=True))]
    return f"| {' | '.join(cells)} |"


def _latex_text(text: str) -> str:
    """Text with LaTeX's special characters escaped and `code` in typewriter."""
    plain_or_code = _CODE.split(text)
    escaped = ["".join(_LATEX.get(letter, letter) for letter in piece) for piece in plain_or_code]
    return "".join(rf"\texttt{{{piece}}}" if i % 2 else piece for i, piece in enumerate(escaped))


def _latex_numbers(numbers: Sequence[int]) -> str:
    return rf"\textsuperscript{{{','.join(map(str, numbers))}}}" if numbers else ""


def _latex_column_groups(table: Table) -> list[str]:
    """The line of headings that span columns, and the rules below it."""
    spans = _column_groups(table)
    if not spans:
        return []
    heads = [rf"\multicolumn{{{span}}}{{c}}{{{_latex_text(name)}}}" for name, span in spans]
    ends = list(accumulate((span for _, span in spans), initial=1))
    rules = [rf"\cmidrule(lr){{{start + 1}-{end}}}" for start, end in pairwise(ends)]
    return [" & ".join(["", *heads]).strip() + r" \\", " ".join(rules)]


def _html_text(text: str) -> str:
    """Escaped text with `code` as code."""
    return _CODE.sub(r"<code>\1</code>", escape(text))


def _html_numbers(numbers: Sequence[int]) -> str:
    return f"<sup>{','.join(map(str, numbers))}</sup>" if numbers else ""


def _html_column_groups(table: Table) -> list[str]:
    """The row of headings that span columns."""
    spans = _column_groups(table)
    heads = "".join(f'<th scope="colgroup" colspan="{span}">{escape(name)}</th>' for name, span in spans)
    return [f"<tr><td></td>{heads}</tr>"] if spans else []


def _html_cell(row: Row, column: Column, mark: Mark | None, numbers: Sequence[int]) -> str:
    value, spread, about = _value(row, column), _spread(row, column).strip(), _about(row, column)
    if mark:
        value = {"best": f"<strong>{value}</strong>", "second": f"<u>{value}</u>", "tied": value}[mark]
    classes = dict.fromkeys(name for name in (mark, "tied" if row.cells[column.key].tied else None) if name)
    attributes = f' class="{" ".join(classes)}"' if classes else ""
    attributes += f' title="{escape(about)}"' if about else ""
    small = f" <small>{spread}</small>" if spread else ""
    return f"<td{attributes}>{value}{_tie(row, column)}{small}{_html_numbers(numbers)}</td>"
