"""`python -m splits`: the datasets, their builds, and their lists."""

import argparse
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from shards import console
from shards.console import Commands, Outcome
from shards.errors import UserError
from shards.home import Home

if TYPE_CHECKING:
    from shards.manifest import Manifest
    from splits.definition import Definition
    from splits.pinned import Pinned


_LISTS = "LIST is DATASET, DATASET:SUBSET, FILE (keys or IR-500K names, one to a line) or SOURCE=FILE (its own ids)."


def commands() -> Commands:
    """The command line of this package."""
    c = Commands("splits", "Named datasets over ingested sources.")
    c.add("list", "splits.__main__:list_datasets", "the datasets there are")
    for name, about in (("build", "pin a dataset from what is ingested"), ("show", "what a dataset holds")):
        parser = c.add(name, f"splits.__main__:{name}", about)
        parser.add_argument("dataset", help="a name, name@fingerprint, or a TOML file")
        parser.add_argument("--partial", action="store_true", help="take it although images are missing; marks results")
    export = c.add("export", "splits.__main__:export", "lists for others, or complete tars")
    export.add_argument("dataset")
    export.add_argument("--to", choices=["txt", "json", "csv", "webdataset"], default="txt")
    export.add_argument("--layers", default="", help="webdataset: layers to put in, with commas between")
    export.add_argument("--out", metavar="DIR", help="default HOME/export/DATASET")
    export.add_argument("--partial", action="store_true")
    diff = c.add("diff", "splits.__main__:diff", "what changed between two datasets, or two builds of one")
    diff.add_argument("first", metavar="A", help="a name, name@fingerprint, or a TOML file")
    diff.add_argument("second", metavar="B")
    audit = c.add("audit", "splits.__main__:audit", "what tested subsets share with those before them; exit 1 if much")
    audit.add_argument("dataset", nargs="?", help="a name, name@fingerprint, or a TOML file")
    audit.add_argument("--train", metavar="LIST", help="with --test: any two lists of images")
    audit.add_argument("--test", metavar="LIST")
    audit.add_argument("--folder", nargs=2, metavar=("TRAIN", "TEST"), help="two folders of images, not ingested")
    audit.add_argument("--ids-only", action="store_true", help="by published names alone: no images, no home")
    audit.add_argument("--frames", type=console.positive, help="how near neighbours in time are (default 5)")
    audit.add_argument(
        "--embeddings", default="", metavar="LAYER", help="also compare what `bench embed` has made, e.g. dinov2"
    )
    audit.add_argument("--max-leak", type=float, default=0.0, metavar="SHARE", help="tested images that may leak, 0..1")
    audit.add_argument("--edges", metavar="FILE", help="parquet of the pairs; default with the dataset's build")
    audit.add_argument("--partial", action="store_true", help="take a dataset although images are missing")
    audit.epilog = _LISTS
    seen = c.add(
        "contamination", "splits.__main__:contamination", "which test images a training list has seen, by name"
    )
    seen.add_argument("--model-data", required=True, metavar="LIST", help="what a model was trained on")
    seen.add_argument("--eval", required=True, metavar="LIST", help="what it is tested on")
    seen.epilog = _LISTS
    return c


def list_datasets(args: argparse.Namespace) -> Outcome:
    """Every dataset; counts where it is built."""
    from splits.definition import get, names
    from splits.pinned import pinned

    home = Home.find(args.home)
    rows = []
    for name in names():
        definition = get(name)
        try:
            built = pinned(definition, home)
            counts = ", ".join(f"{s} {n:,}" for s, n in built.counts.items()) if built else "not built"
        except UserError:
            counts = "damaged: build it anew"
        more = len(definition.sources) - 2
        sources = ", ".join(definition.sources[:2]) + (f" and {more} more" if more > 0 else "")
        rows.append([name, sources, definition.by, counts, definition.title])
    headers = ["dataset", "sources", "by", "samples", "title"]
    return Outcome(console.table(headers, rows), {"datasets": [dict(zip(headers, r, strict=True)) for r in rows]})


def build(args: argparse.Namespace) -> Outcome:
    """Builds and pins."""
    from shards.manifest import Manifest
    from splits.build import build as pin
    from splits.definition import get
    from splits.pinned import forget_damaged

    home = Home.find(args.home)
    definition = get(args.dataset)
    forget_damaged(definition, home)
    with Manifest.open(home) as manifest:
        built = pin(definition, home, manifest, partial=args.partial)
    return Outcome(_summary(built), _data(built))


def show(args: argparse.Namespace) -> Outcome:
    """What a dataset is; counts, groups and fingerprints where it is built or can be."""
    from splits.definition import get
    from splits.pinned import pinned

    home = Home.find(args.home)
    name, _, version = args.dataset.partition("@")
    definition = get(name)
    about = [line for line in (definition.title, definition.note) if line]
    built = pinned(definition, home, version)
    if built is None and not all(any((home.shards / s).glob("*.parquet")) for s in definition.sources):
        return _unbuilt(definition, about)
    if built is None or not (version or built.definition == definition.digest):
        with _resolved(args) as (_, built, _):
            pass
    sides = {subset: set(built.members(subset).values()) for subset in built.counts}
    groups = {subset: len(found) for subset, found in sides.items()}
    straddling = sum(1 for n in Counter(g for found in sides.values() for g in found).values() if n > 1)
    lines = [*about, "", _summary(built)]
    lines += [f"groups: {', '.join(f'{s} {n}' for s, n in groups.items())}; on more than one side: {straddling}"]
    return Outcome("\n".join(lines), _data(built) | {"groups": groups, "straddling_groups": straddling})


def export(args: argparse.Namespace) -> Outcome:
    """Writes lists or tars."""
    from splits.definition import get
    from splits.export import lists, published, tars
    from splits.pinned import pinned

    if args.layers and args.to != "webdataset":
        raise UserError(f"--layers goes into tars, not into {args.to}", "give --to webdataset", code=2)
    home = Home.find(args.home)
    layers = [name for name in args.layers.split(",") if name]
    name, _, version = args.dataset.partition("@")
    definition = get(name)
    sided = definition.by in {"list", "official", "sequence"} and len(definition.sources) == 1
    if args.to != "webdataset" and sided and definition.listed and not (version or args.partial):
        last = pinned(definition, home)
        if last is None or last.partial or last.definition != definition.digest:
            folder = Path(args.out) if args.out else home.root / "export" / definition.name
            files = published(definition, home, args.to, folder)
            rest = f"all sequences on no list: {definition.rest}" if definition.by == "sequence" else ""
            text = "\n".join([*map(str, files), *([rest] if rest else [])])
            return Outcome(text, {"files": [str(path) for path in files]})
    with _resolved(args) as (definition, built, manifest):
        folder = Path(args.out) if args.out else home.root / "export" / built.name
        if args.to == "webdataset":
            written = tars(built, definition.sources, home, manifest, layers, folder)
        else:
            written = lists(built, manifest, args.to, folder)
    if not written:
        raise UserError(f"{built.name} has no sample with every layer", "`python -m shards stats` lists the layers")
    return Outcome("\n".join(map(str, written)), {"files": [str(p) for p in written]})


def audit(args: argparse.Namespace) -> Outcome:
    """The leaks of a dataset, of two lists, or of two folders."""
    from splits import report

    asked = [args.dataset is not None, args.train is not None and args.test is not None, args.folder is not None]
    if sum(asked) != 1 or (args.train is None) != (args.test is None) or (args.folder and args.ids_only):
        raise UserError(
            "audit needs one of DATASET, --train LIST --test LIST, and --folder TRAIN TEST", "give one of them", code=2
        )
    given = {name for name in ("edges", "embeddings", "frames", "partial") if getattr(args, name)}
    for case, meant, idle in (
        ("--ids-only", args.ids_only, ("edges", "embeddings", "partial")),
        ("--folder", args.folder, ("embeddings", "frames", "partial")),
        ("--train", args.train, ("partial",)),
    ):
        useless = [f"--{name}" for name in idle if meant and name in given]
        if useless:
            says = "does" if len(useless) == 1 else "do"
            raise UserError(f"{' and '.join(useless)} {says} nothing with {case}", "leave one of them out", code=2)
    if not 0 <= args.max_leak <= 1:
        raise UserError(f"--max-leak {args.max_leak:g} is no share", "give a number from 0 to 1", code=2)
    home = Home.find(args.home)
    return report.by_names(args, home) if args.ids_only else report.by_pictures(args, home)


def diff(args: argparse.Namespace) -> Outcome:
    """Images that came, went or changed sides."""
    from splits.diff import difference, sides

    home = Home.find(args.home)
    found = difference(sides(args.first, home), sides(args.second, home))
    counts = sorted(found.counts().items())
    rows = [[old or "--", new or "--", count] for (old, new), count in counts]
    lines = [f"{found.unchanged:,} images on the same side, {len(found.changed):,} not"]
    lines += [console.table([f"in {args.first}", f"in {args.second}", "images"], rows)] if rows else []
    changes = [{"first": old, "second": new, "images": count} for (old, new), count in counts]
    images = {key: list(both) for key, both in found.changed.items()}
    return Outcome("\n".join(lines), {"unchanged": found.unchanged, "changes": changes, "images": images})


def contamination(args: argparse.Namespace) -> Outcome:
    """What one list has seen of another; needs no images and no home."""
    from splits.contamination import WITHIN
    from splits.contamination import contamination as compare
    from splits.listing import both

    home = Home.find(args.home)
    seen, tested = both(args.model_data, args.eval, home)
    remarks = [remark for remark in (seen.remark, tested.remark) if remark]
    found = compare(seen.keys, tested.keys)
    neighbours = {str(frames): found.within(frames) for frames in WITHIN}
    sequences = len(set(found.scenes.values()))
    data: dict[str, Any] = {
        "model_data": seen.name,
        "eval": tested.name,
        "exact": found.exact,
        "total": None if tested.sequences is not None else found.total,
        "neighbours": neighbours,
        "same_scene": len(found.scenes),
        "images": {key: distance for key, distance in found.distances.items() if distance <= max(WITHIN)},
        "remarks": remarks,
    }
    if (
        tested.sequences is not None
    ):  # the benchmark's images are not listed, so none of them can be missing from `seen`
        data |= {"sequences": sequences, "sequences_total": tested.sequences or None}
        of = f"of its {tested.sequences} " if tested.sequences else ""
        text = f"{found.exact:,} of its images, from {sequences} {of}sequences, are in {seen.name}"
        return Outcome("\n".join([f"{tested.name}: {text}", *remarks]), data)
    rows = [
        [within, count, f"{count / max(found.total, 1):.1%}"]
        for within, count in ({"0": found.exact} | neighbours).items()
    ]
    table = console.table(["frames to the nearest", "images", "share"], rows)
    text = f"{found.exact:,} of its {found.total:,} images are in {seen.name}"
    text = f"{tested.name}: {text}; {len(found.scenes):,} are of a scene that is in it"
    return Outcome("\n".join([text, *remarks, "", table]), data)


@contextmanager
def _resolved(args: argparse.Namespace) -> Iterator[tuple["Definition", "Pinned", "Manifest"]]:
    """The dataset that was asked for, built where it was not."""
    from shards.manifest import Manifest
    from splits.definition import get
    from splits.load import resolve

    home = Home.find(args.home)
    name, _, version = args.dataset.partition("@")
    definition = get(name)
    with Manifest.open(home) as manifest:
        yield definition, resolve(definition, home, manifest, version, partial=args.partial), manifest


def _unbuilt(definition: "Definition", about: Sequence[str]) -> Outcome:
    """What is known of a dataset whose sources are not ingested."""
    counts = {} if definition.minus else {subset: len(listed) for subset, listed in definition.listed.items()}
    lines = [*about, "", f"not built: `python -m splits build {definition.name}`, once its sources are ingested"]
    lines += [f"sources: {', '.join(definition.sources)}"]
    if counts:
        unit = "sequences" if definition.by == "sequence" else "images"
        lines += [f"published lists: {', '.join(f'{s} {n:,}' for s, n in counts.items())} {unit}"]
    data = {"dataset": definition.name, "title": definition.title, "note": definition.note, "listed": counts}
    return Outcome("\n".join(lines), data)


def _summary(built: "Pinned") -> str:
    counts = ", ".join(f"{subset} {n:,} ({built.subsets[subset][:8]})" for subset, n in built.counts.items())
    return f"{built.name}@{built.fingerprint[:8]}: {counts}{'; PARTIAL' if built.partial else ''}"


def _data(built: "Pinned") -> dict[str, Any]:
    return {
        "dataset": built.name,
        "fingerprint": built.fingerprint,
        "subsets": dict(built.subsets),
        "counts": dict(built.counts),
        "partial": built.partial,
    }


def main(argv: Sequence[str] | None = None) -> int:
    """Entry point."""
    return console.run(commands, argv)


if __name__ == "__main__":
    sys.exit(main())
