"""`python -m bench`: train, predict and score."""

import argparse
import re
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from shards import console
from shards.console import Commands, Outcome
from shards.errors import UserError, unknown
from shards.home import Home

_PROTOCOL = "v2ir-256@1"


def commands() -> Commands:
    """The command line of this package."""
    c = Commands("bench", "Train, predict and score.")
    run = c.add("run", "bench.__main__:run", "train what is missing, predict, score, with the floor rows beside")
    train = c.add("train", "bench.__main__:train", "train a method and its parent stages")
    predict = c.add("predict", "bench.__main__:predict", "predictions of a trained method")
    for parser in (run, train, predict):
        _add_stage_arguments(parser)
    for parser in (run, train):
        parser.add_argument("--max-steps", type=int, metavar="N", help="stop each stage at step N; go on later")
        parser.add_argument(
            "--max-time", type=_seconds, metavar="TIME", help="stop after e.g. 90s, 30m, 2h; go on later"
        )
    run.add_argument("--protocol", default=_PROTOCOL)
    score = c.add("score", "bench.__main__:score", "score anybody's folder of predictions")
    score.add_argument("folder", metavar="DIR")
    score.add_argument("--dataset", help="score against a dataset's subset")
    score.add_argument("--reference", metavar="DIR", help="score against a plain folder; nothing needs to be ingested")
    score.add_argument("--subset", default="test")
    score.add_argument("--scenes", metavar="FILE", help="with --reference: lines `stem,scene`")
    score.add_argument("--suffix", default="", help="an ending of the stems that is not part of the name")
    score.add_argument("--label", help="the row's name in tables (default: the folder's)")
    score.add_argument("--protocol", default=_PROTOCOL)
    score.add_argument("--partial", action="store_true")
    c.add("list", "bench.__main__:list_runs", "methods, and the runs of this home")
    c.add("doctor", "bench.__main__:doctor", "is this machine fit, and what is missing")
    clean = c.add("clean", "bench.__main__:clean", "remove a run, or the cache")
    clean.add_argument("name", help="a run's folder name, or `cache`")
    clean.add_argument("--yes", action="store_true", help="do it; without, only say what would go")
    weights = c.add("weights", "bench.__main__:weights", "downloaded weights: list them, or add a local file")
    weights.add_argument("action", choices=["list", "add"])
    weights.add_argument("name", nargs="?")
    weights.add_argument("path", nargs="?", metavar="FILE")
    return c


def run(args: argparse.Namespace) -> Outcome:
    """The whole way for one method."""
    from bench.protocol import load

    protocol = load(args.protocol)
    bench, stage = _bench(args)
    reached, found = bench.train(stage, _limits(args))
    if reached.id != stage.id:
        text = f"{reached.name}: stopped at step {found.step:,} of {found.total:,}; the same command goes on"
        return Outcome(text, {"stopped": {"stage": reached.name, "step": found.step, "total": found.total}})
    result = bench.score(bench.predict(stage, found), protocol)
    rows = [*bench.floors(protocol), result] if stage.method.card.trains else [result]
    notes = _notes(rows)
    lines = [_table(rows, protocol), *notes, f"run: {stage.folder(bench.home)}"]
    data = {"run": stage.name, "results": rows, "step": found.step, "total": found.total}
    return Outcome("\n".join(lines), data)


def train(args: argparse.Namespace) -> Outcome:
    """Training alone."""
    bench, stage = _bench(args)
    reached, found = bench.train(stage, _limits(args))
    state = "done" if found.done else "stopped; the same command goes on"
    text = f"{reached.name}: step {found.step:,} of {found.total:,}, {state}\n{found.folder}"
    data = {"run": reached.name, "step": found.step, "total": found.total, "digests": dict(found.digests)}
    return Outcome(text, data)


def predict(args: argparse.Namespace) -> Outcome:
    """Predictions of a stage that exists."""
    from bench import checkpoint

    bench, stage = _bench(args)
    found = checkpoint.latest(stage.folder(bench.home), stage.id)
    if found is None:
        raise UserError(
            f"{stage.name} is not trained", f"`python -m bench train {args.method} --dataset {args.dataset}`"
        )
    folder = bench.predict(stage, found)
    return Outcome(str(folder), {"predictions": str(folder)})


def score(args: argparse.Namespace) -> Outcome:
    """Anybody's predictions."""
    import splits
    from bench import references
    from bench import score as scoring
    from bench.protocol import load
    from bench.stage import digest

    if bool(args.dataset) == bool(args.reference):
        raise UserError("score needs one of --dataset NAME and --reference DIR", "give one of them", code=2)
    home, protocol, folder = Home.find(args.home), load(args.protocol), Path(args.folder)
    if args.reference:
        truth = references.of_folder(Path(args.reference), Path(args.scenes) if args.scenes else None)
    else:
        samples = splits.load(args.dataset, args.subset, home=home, captions="none", maps="none", partial=args.partial)
        truth = references.of_dataset(samples, args.subset)
    submission = scoring.match(folder, truth, suffix=args.suffix)
    result, rows = scoring.score(submission, truth, protocol, home, quiet=args.quiet or args.json)
    if args.label:
        result["label"] = args.label
    lines = [_table([result], protocol), f"matched by {submission.rule}", *_notes([result])]
    if args.dataset:
        name = re.sub(r"[^a-z0-9]+", "-", result["label"].lower()).strip("-") or "folder"
        identity = digest({"label": result["label"], "fingerprint": truth.fingerprint})[:10]
        place = home.runs / f"external-{name}-{truth.title}-{identity}" / "predictions" / folder.resolve().name
        scoring.write(place / "scores" / protocol.id, result, rows)
        lines.append(f"kept in {place}")
    return Outcome("\n".join(lines), result)


def list_runs(args: argparse.Namespace) -> Outcome:
    """Methods and runs."""
    from bench.listing import runs
    from models.registry import methods

    known = [[m.card.name, m.card.title, m.card.family, ", ".join(m.presets)] for m in methods().values()]
    headers = ["method", "title", "family", "presets"]
    found = runs(Home.find(args.home))
    lines = [console.table(headers, known)]
    if found:
        lines += ["", console.table(["run", "step", "state", "scored"], [list(r.values()) for r in found])]
    data = {"methods": [dict(zip(headers, row, strict=True)) for row in known], "runs": found}
    return Outcome("\n".join(lines), data)


def doctor(args: argparse.Namespace) -> Outcome:
    """Exit code 1 where something fails."""
    from bench.doctor import checks

    found = list(checks(Home.find(args.home)))
    rows = [[c.state, c.name, c.found, c.remedy] for c in found]
    ok = all(c.state != "fail" for c in found)
    return Outcome(console.table(["", "what", "found", "what to do"], rows), {"checks": [vars(c) for c in found]}, ok)


def clean(args: argparse.Namespace) -> Outcome:
    """Removes one thing, and only when told twice."""
    from bench.listing import size

    home = Home.find(args.home)
    folder = home.cache if args.name == "cache" else home.runs / args.name
    known = [p.name for p in home.runs.glob("*")] + ["cache"]
    if args.name not in known or not folder.is_dir():
        if args.name == "cache":
            return Outcome("the cache is empty", {"removed": None})
        raise unknown("run", args.name, known)
    megabytes = size(folder) / 1e6
    if not args.yes:
        return Outcome(f"would remove {folder} ({megabytes:.1f} MB); --yes does it", {"would_remove": str(folder)})
    shutil.rmtree(folder)
    return Outcome(f"removed {folder} ({megabytes:.1f} MB)", {"removed": str(folder)})


def weights(args: argparse.Namespace) -> Outcome:
    """Lists or adds."""
    from bench import weights as store

    home = Home.find(args.home)
    if args.action == "add":
        if not args.name or not args.path:
            raise UserError(
                "weights add needs a name and a file", "`python -m bench weights add inception FILE`", code=2
            )
        place = store.add(args.name, Path(args.path), home)
        return Outcome(f"{args.name}: {place}", {"name": args.name, "path": str(place)})
    rows = [
        [e.name, "yes" if e.path(home).exists() else "no", e.purpose, e.licence, e.address]
        for e in store.registry().values()
    ]
    headers = ["weights", "here", "for", "licence", "from"]
    return Outcome(console.table(headers, rows), {"weights": [dict(zip(headers, r, strict=True)) for r in rows]})


def _add_stage_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("method", help="`python -m bench list` names them; or a Python file that declares one")
    parser.add_argument("--dataset", required=True, help="a name, name@fingerprint, or a TOML file")
    parser.add_argument("--preset", help="default: paper")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--set", action="append", default=[], metavar="KEY=VALUE", help="e.g. train.steps=100")
    parser.add_argument("--conditions", default="auto", help="auto, or v,s,t: what the method may look at")
    parser.add_argument("--captions", default="auto", metavar="LAYER")
    parser.add_argument("--maps", default="auto", metavar="LAYER")
    parser.add_argument("--from", dest="given", metavar="RUN|FILE", help="weights to start from")
    parser.add_argument("--subset", default="test", help="what is predicted (default test)")
    parser.add_argument("--partial", action="store_true", help="take a dataset whose images are not all there")


def _bench(args: argparse.Namespace) -> tuple[Any, Any]:
    from bench.run import Bench, Request
    from models import registry

    method = registry.get(args.method)
    preset = args.preset or next(iter(method.presets))
    request = Request(
        method=args.method,
        dataset=args.dataset,
        preset=preset,
        seed=args.seed,
        settings=args.set,
        conditions=args.conditions,
        given=Path(args.given) if args.given else None,
        partial=args.partial,
        captions=args.captions,
        maps=args.maps,
        subset=args.subset,
    )
    bench = Bench(Home.find(args.home), request, quiet=args.quiet or args.json)
    return bench, bench.stage()


def _limits(args: argparse.Namespace) -> Any:
    from bench.trainer import Limits

    return Limits(args.max_steps, args.max_time)


def _table(rows: Sequence[dict[str, Any]], protocol: Any) -> str:
    from bench.metrics import METRICS

    def shown(record: dict[str, Any], name: str) -> str:
        value = record["metrics"][name]["value"]
        return "--" if value is None else METRICS[name].display(value)

    first = rows[0]
    head = f"{first['dataset']} {first['subset']} ({first['fingerprint'][:8]}), {first['n']} images, {protocol.id}"
    headers = ["", *(METRICS[name].title for name in protocol.metrics)]
    return f"{head}\n" + console.table(headers, [[r["label"], *(shown(r, n) for n in protocol.metrics)] for r in rows])


def _notes(rows: Sequence[dict[str, Any]]) -> list[str]:
    reasons = {m["reason"]: name for r in rows for name, m in r["metrics"].items() if m["reason"]}
    missing = [f"--: {reason}" for reason in reasons]
    return missing + [f"{r['label']}: {note}" for r in rows for note in r["notes"]]


def _seconds(text: str) -> float:
    found = re.fullmatch(r"(\d+(?:\.\d+)?)([smh]?)", text)
    if not found:
        raise argparse.ArgumentTypeError(f"{text!r} is no time like 90s, 30m or 2h")
    return float(found[1]) * {"": 1, "s": 1, "m": 60, "h": 3600}[found[2]]


def main(argv: Sequence[str] | None = None) -> int:
    """Entry point."""
    return console.run(commands, argv)


if __name__ == "__main__":
    sys.exit(main())
