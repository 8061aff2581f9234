"""What ingest would make of a raw folder, told from file names and a few headers, in seconds and without writing."""

import argparse
import os
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ingest.chosen import chosen
from ingest.encode import form_of, is_plain, refused
from ingest.plan import Plan, Planned, Suffix, make_plan
from ingest.source import Source
from ingest.template import printable
from ingest.tree import Tree, open_tree
from shards import image
from shards.console import Outcome, table

LOOKED_AT = 8
"""So many pairs have their headers read, spread evenly over the dataset."""


@dataclass(frozen=True)
class Checked:
    """What was found.

    Attributes:
        take: samples with all their files, by subset.
        scenes: of these, by subset.
        skip: samples that would be failed rows, by reason, with the first one's file.
        forms: how often the sides looked at were of what form, e.g. `visible: jpeg RGB, 1280 x 1024`.
        broken: what is wrong with the images looked at.
        left_out: files that are no part of any sample, by folder.
        notes: what the source has to tell about these files.
    """

    source: Source
    layout: str
    take: Mapping[str, int]
    scenes: Mapping[str, int]
    skip: Mapping[str, tuple[int, str]]
    forms: Mapping[str, int]
    broken: Sequence[str]
    left_out: Mapping[str, int]
    junk: int
    notes: Sequence[str]

    @property
    def ok(self) -> bool:
        """Whether anything would be taken, and nothing that was looked at is broken."""
        return bool(self.take) and not self.broken


def command(args: argparse.Namespace) -> Outcome:
    """`ingest check SOURCE RAW`."""
    checked = check(chosen(args), open_tree(Path(args.raw)))
    return Outcome(as_text(checked), as_data(checked), ok=checked.ok)


def check(source: Source, tree: Tree) -> Checked:
    """Plans a source and looks into some of its images.

    Raises:
        UserError: the tree does not hold the source.
    """
    plan = make_plan(source, tree)
    take: Counter[str] = Counter()
    scenes: dict[str, set[str]] = {}
    skip: dict[str, tuple[int, str]] = {}
    whole: list[tuple[Planned, tuple[Suffix, Suffix]]] = []
    for shard in plan.shards:
        for sample in shard.samples:
            reason = _lacks(plan, sample)
            if reason:
                count, first = skip.get(reason, (0, sample.infrared or sample.visible or ""))
                skip[reason] = count + 1, first
            else:
                take[shard.subset] += 1
                scenes.setdefault(shard.subset, set()).add(sample.scene)
                whole.append((sample, shard.suffixes))
    forms, broken = _look(plan, whole[:: max(1, len(whole) // LOOKED_AT)][:LOOKED_AT])
    used = {path for shard in plan.shards for sample in shard.samples for path in sample.paths}
    view = next(view for view in (tree, tree.apart) if view is not None and view.raw == plan.raw)
    left = Counter(os.path.dirname(entry.path) or "." for entry in view.entries if entry.path not in used)
    return Checked(
        source,
        str(plan.layout),
        take,
        {subset: len(found) for subset, found in scenes.items()},
        skip,
        forms,
        broken,
        dict(left.most_common()),
        plan.junk,
        plan.notes,
    )


def as_text(checked: Checked) -> str:
    """For people."""
    source, total = checked.source, sum(checked.take.values())
    publisher = f"; the publisher counts {source.pairs:,}" if source.pairs else ""
    lines = [f"{source.name}: would take {total:,} samples{publisher}", f"layout: {checked.layout}"]
    if checked.take:
        rows = [[subset, f"{count:,}", f"{checked.scenes[subset]:,}"] for subset, count in checked.take.items()]
        lines += ["", table(["subset", "samples", "scenes"], rows), ""]
    lines += [f"would skip {count:,}: {reason} ({first})" for reason, (count, first) in checked.skip.items()]
    lines += [f"looked into {count}: {form}" for form, count in checked.forms.items()]
    lines += [f"broken: {finding}" for finding in checked.broken]
    if checked.left_out:
        folders = [f"{folder} ({count:,})" for folder, count in list(checked.left_out.items())[:5]]
        more = len(checked.left_out) - len(folders)
        lines.append(f"no part of a sample: {', '.join(folders)}{f' and {more} more folders' if more else ''}")
    if checked.junk:
        lines.append(f"junk of operating systems: {checked.junk:,} files")
    return "\n".join([*lines, *checked.notes])


def as_data(checked: Checked) -> dict[str, Any]:
    """For machines."""
    return {
        "source": checked.source.name,
        "published_pairs": checked.source.pairs,
        "layout": checked.layout,
        "take": checked.take,
        "scenes": checked.scenes,
        "skip": {reason: {"count": count, "first": first} for reason, (count, first) in checked.skip.items()},
        "forms": checked.forms,
        "broken": checked.broken,
        "left_out": checked.left_out,
        "junk": checked.junk,
        "notes": checked.notes,
    }


def _lacks(plan: Plan, sample: Planned) -> str:
    """Why a sample would be a failed row, empty where names show no reason."""
    if sample.failure:
        return sample.failure[-1]
    if sample.infrared is None:
        return "no infrared side"
    if sample.visible is None and plan.layout.visible is not None:
        return "no visible side"
    return "bears an image's name and is no file" if min(sample.visible_size, sample.infrared_size) < 0 else ""


def _look(plan: Plan, samples: Sequence[tuple[Planned, tuple[Suffix, Suffix]]]) -> tuple[dict[str, int], list[str]]:
    """(forms, what is wrong) of some samples and the forms in which their sides are to be stored, by their headers."""
    seen: dict[str, list[str]] = {}
    broken: list[str] = []
    if plan.layout.read is not None and plan.layout.visible != plan.layout.infrared:
        return {}, broken  # videos: their streams were opened for counting frames already
    for sample, suffixes in samples:
        sizes = set()
        for side, path, suffix in zip(
            ("visible", "infrared"), (sample.visible, sample.infrared), suffixes, strict=True
        ):
            if path is None or (path == sample.visible and side == "infrared"):
                continue
            try:
                header = image.header(plan.raw.read(path))
            except (image.BadImage, OSError) as error:
                broken.append(f"{printable(path)}: {error}")
                continue
            if told := refused(form_of(header), is_plain(header), suffix):
                broken.append(f"{printable(path)} {told}")
            size = header.width, header.height
            sizes.add(size if header.orientation < 5 else size[::-1])
            seen.setdefault(f"{side}: {header.format} {header.mode}", []).append(f"{header.width} x {header.height}")
        if len(sizes) > 1 and plan.source.same_size and not plan.source.resize:
            broken.append(f"{sample.visible} and {sample.infrared} have unequal sizes")
    forms = {}
    for form, shapes in seen.items():
        several = len(set(shapes))
        forms[f"{form}, {shapes[0] if several == 1 else f'{several} sizes'}"] = len(shapes)
    return forms, broken
