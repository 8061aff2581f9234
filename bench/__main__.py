"""`python -m bench`: train, predict and score."""

import argparse
import os
import re
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from shards import console
from shards.console import Commands, Outcome
from shards.errors import UserError
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
        _add_limits(parser)
    for parser in (run, predict):
        parser.add_argument(
            "--draws", type=console.positive, default=1, metavar="K", help="pictures of each input, by other noise"
        )
    run.add_argument("--protocol", default=_PROTOCOL)
    score = c.add("score", "bench.__main__:score", "score anybody's folder of predictions")
    score.add_argument("folder", metavar="DIR")
    check = c.add("check", "bench.__main__:check", "what is wrong with a folder of predictions")
    check.add_argument("folder", metavar="DIR")
    for parser in (score, check):
        _add_reference_arguments(parser)
    score.add_argument("--label", help="the row's name in tables (default: the folder's)")
    score.add_argument("--protocol", default=_PROTOCOL, help="an id, several with commas between, or `all`")
    score.add_argument("--metrics", metavar="NAMES", help="only these, with commas between; `rescore` adds the others")
    score.add_argument("--allow-missing", action="store_true", help="score what is there; the result is marked partial")
    score.add_argument("--out", metavar="DIR", help="write result.json, scores.json and per_image.parquet there too")
    rescore = c.add("rescore", "bench.__main__:rescore", "add missing metrics and protocols; no model is touched")
    rescore.add_argument("run", metavar="RUN", help="a run's folder name, its path, or a folder that was scored")
    rescore.add_argument("--protocol", default="all", help="an id, several with commas between (default: all)")
    rescore.add_argument("--dataset", help="where the run's own name for it is no longer known")
    compare = c.add("compare", "bench.__main__:compare", "scored runs on the same images: differences, and how sure")
    compare.add_argument(
        "runs", nargs="+", metavar="RUN", help="a run's folder name, a folder that was scored, or one that --out wrote"
    )
    compare.add_argument("--metric", action="append", default=[], metavar="NAME", help="default: the headline ones")
    compare.add_argument("--by", default="", metavar="NAME", help="the metric of best and worst images (default psnr)")
    compare.add_argument("--subset", default="test")
    compare.add_argument("--protocol", default=_PROTOCOL)
    leaks = c.add(
        "leak-study", "bench.__main__:leak_study", "what a leak is worth: a random split against scenes apart"
    )
    leaks.add_argument("--source", required=True, help="one with datasets SOURCE_random and SOURCE_scene")
    _add_stage_arguments(leaks, dataset=False)
    _add_limits(leaks)
    leaks.add_argument("--protocol", default=_PROTOCOL)
    embed = c.add("embed", "bench.__main__:embed", "embeddings of a source's pictures, for `splits audit --embeddings`")
    embed.add_argument("source", help="an ingested one")
    embed.add_argument("--network", default="dinov2", help="dinov2 or clip (default dinov2)")
    c.add("list", "bench.listing:command", "methods, and the runs of this home")
    c.add("doctor", "bench.doctor:command", "is this machine fit, and what is missing")
    clean = c.add("clean", "bench.listing:clean", "remove a run, or the cache")
    clean.add_argument("name", help="a run's folder name, or `cache`")
    clean.add_argument("--yes", action="store_true", help="do it; without, only say what would go")
    weights = c.add("weights", "bench.weights:command", "weights that others made: what is here, and how to get them")
    weights.add_argument("action", choices=["list", "fetch", "add", "verify"])
    weights.add_argument("name", nargs="?")
    weights.add_argument("path", nargs="?", metavar="FILE")
    return c


def run(args: argparse.Namespace) -> Outcome:
    """The whole way for one method."""
    from bench import summary
    from bench.protocol import load

    _one_process(args)
    protocol = load(args.protocol)
    bench, stage = _bench(args)
    reached, found = bench.train(stage, _limits(args))
    if reached.id != stage.id:
        text = f"{reached.name}: stopped at step {found.step:,} of {found.total:,}; the same command goes on"
        return Outcome(text, {"stopped": {"stage": reached.name, "step": found.step, "total": found.total}})
    result = bench.score(bench.predict(stage, found, args.draws), protocol)
    rows = [*bench.floors(protocol), result] if stage.method.card.trains else [result]
    lines = [summary.table(rows, protocol), *summary.intervals([result]), *summary.notes(rows)]
    lines.append(f"run: {stage.folder(bench.home)}")
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

    _one_process(args)
    bench, stage = _bench(args)
    found = checkpoint.latest(stage.folder(bench.home), stage.id)
    if found is None:
        raise UserError(
            f"{stage.name} is not trained", f"`python -m bench train {args.method} --dataset {args.dataset}`"
        )
    folder = bench.predict(stage, found, args.draws)
    return Outcome(str(folder), {"predictions": str(folder)})


def score(args: argparse.Namespace) -> Outcome:
    """Anybody's predictions."""
    from bench import external, record, summary
    from bench import score as scoring
    from bench.protocol import choose, metric_names
    from bench.provenance import write_scoring

    home, protocols, folder = Home.find(args.home), choose(args.protocol), Path(args.folder)
    truth, others = _references(args, home)
    submission = scoring.match(folder, truth, others, suffix=args.suffix, allow_missing=args.allow_missing)
    only = metric_names(protocols, args.metrics) if args.metrics is not None else None
    if only is not None and not any(only.values()):
        raise UserError("--metrics names no metric", "some of those in docs/scoring.md, with commas between", code=2)
    quiet, watch = args.quiet or args.json, console.Stopwatch()
    found = scoring.score_all(submission, truth, protocols, home, only=only, elsewhere=others, quiet=quiet)
    seconds, images = watch.seconds, len(submission.files) * (1 + len(submission.more))
    first = next(iter(found.values())).result
    places = [Path(args.out)] if args.out else []
    told: list[str] = []
    if args.dataset:
        label = args.label or first["label"]
        place = external.place_of(folder, label, truth.title, truth.fingerprint, home, suffix=args.suffix)
        gone = external.drop_other_pictures(place, first)
        told = [f"removed the scores by {name}: they were of other pictures" for name in gone if name not in found]
        options = {"suffix": args.suffix, "allow_missing": args.allow_missing}
        external.write_source(place, folder, args.dataset, args.subset, **options)
        places.append(place / "scores")
    for protocol, scores in found.items():
        if args.label:
            scores.result["label"] = args.label
        for place in places:
            scoring.write(place / protocol, scores.result, scores.rows)
            write_scoring(place / protocol, seconds, images, scores.result["weights"])
    results = {protocol: scores.result for protocol, scores in found.items()}
    names = list(dict.fromkeys(name for asked in only.values() for name in asked)) if only else None
    rows = list(results.values())
    table = summary.table(rows, protocols[0], names) if len(rows) == 1 else summary.protocol_table(results, names)
    lines = [table, f"matched by {submission.rule}", *first["warnings"]]
    lines += [*summary.intervals(rows, names), *summary.notes(rows, names), *told]
    lines += [f"kept in {place}" for place in places]
    lacking = [p.id for p in protocols if not record.has_floor(home, truth.title, truth.fingerprint, p.id)]
    if args.dataset and lacking:
        lines.append(f"no floor rows yet: `python -m bench run mean --dataset {args.dataset} --protocol {lacking[0]}`")
    data = first if len(results) == 1 else first | {"protocols": results}
    return Outcome("\n".join(lines), data)


def check(args: argparse.Namespace) -> Outcome:
    """Exit code 1 where a rule is broken."""
    from bench import check as checking
    from bench.references import Elsewhere
    from bench.submission import match

    home = Home.find(args.home)
    truth, others = _references(args, home)
    submission = match(Path(args.folder), truth, others, suffix=args.suffix)
    found = checking.check(submission, truth, home, others or Elsewhere(), quiet=args.quiet or args.json)
    allowed = checking.CONTENT if others is None else ()
    broken = sum(finding.breaks_a_rule and finding.code not in allowed for finding in found)
    matched = f"{len(submission.files)} of {len(truth.keys)} predictions, matched by {submission.rule}"
    verdict = f"{broken} findings break a rule" if broken else "no rule is broken"
    data = {"n": len(submission.files), "expected": len(truth.keys), "matched_by": submission.rule}
    data["findings"] = [vars(finding) for finding in found]
    return Outcome("\n".join([*checking.lines(found), f"{matched}: {verdict}"]), data, ok=not broken)


def rescore(args: argparse.Namespace) -> Outcome:
    """Works from the pictures that a run has left."""
    from bench.protocol import choose
    from bench.rescore import rescore as add_missing

    home = Home.find(args.home)
    added = add_missing(args.run, choose(args.protocol), home, dataset=args.dataset, quiet=args.quiet or args.json)
    rows = [[a.folder.name, a.protocol, ", ".join(a.metrics) or "nothing", ", ".join(a.missing)] for a in added]
    reasons = dict.fromkeys(reason for a in added for reason in a.missing.values())
    lines = [console.table(["predictions", "protocol", "added", "without a value"], rows)]
    lines += [f"--: {reason}" for reason in reasons]
    data = {
        "added": [
            {"folder": str(a.folder), "protocol": a.protocol, "metrics": list(a.metrics), "missing": dict(a.missing)}
            for a in added
        ]
    }
    return Outcome("\n".join(lines), data)


def compare(args: argparse.Namespace) -> Outcome:
    """Paired differences of what was scored before; no model is touched."""
    from bench import comparison
    from bench.compare import compare as differences_of
    from bench.record import find

    if len(args.runs) < 2:
        raise UserError("compare needs two runs at least", "`python -m bench list` names them", code=2)
    home = Home.find(args.home)
    scored = [find(name, home, args.protocol, subset=args.subset) for name in args.runs]
    data = comparison.document(scored, differences_of(scored, home, args.metric), args.by)
    return Outcome(comparison.text(data), data)


def leak_study(args: argparse.Namespace) -> Outcome:
    """Both arms with one budget, and the gap between them."""
    import json

    from bench import leak_study as leaks
    from bench.protocol import load

    _one_process(args)
    home, quiet = Home.find(args.home), args.quiet or args.json
    request = _request(args, "")
    path = leaks.study(args.source, request, load(args.protocol), home, _limits(args), quiet=quiet)
    data = json.loads(path.read_text())
    return Outcome(f"{leaks.text(data)}\n{path}", data | {"path": str(path)})


def embed(args: argparse.Namespace) -> Outcome:
    """A layer that proposes near-duplicates."""
    from bench import embed as embedding

    home = Home.find(args.home)
    done = embedding.embed(args.source, args.network, home, quiet=args.quiet or args.json)
    folder = home.annotations / args.network / args.source
    return Outcome(f"{done:,} samples of {args.source}: {folder}", {"embedded": done, "layer": str(folder)})


def _add_limits(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--max-steps", type=int, metavar="N", help="stop each stage at step N; go on later")
    parser.add_argument("--max-time", type=_seconds, metavar="TIME", help="stop after e.g. 90s, 30m, 2h; go on later")


def _add_stage_arguments(parser: argparse.ArgumentParser, *, dataset: bool = True) -> None:
    parser.add_argument("method", help="`python -m bench list` names them; or a Python file that declares one")
    if dataset:
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


def _add_reference_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--dataset", help="against a dataset's subset")
    parser.add_argument("--reference", metavar="DIR", help="against a plain folder; nothing needs to be ingested")
    parser.add_argument("--subset", default="test")
    parser.add_argument("--scenes", metavar="FILE", help="with --reference: lines `stem,scene`")
    parser.add_argument("--suffix", default="", help="an ending of the stems that is not part of the name")
    parser.add_argument("--partial", action="store_true", help="take a dataset whose images are not all there")


def _references(args: argparse.Namespace, home: Home) -> tuple[Any, Any]:
    """What predictions are held against, and the dataset's other subsets.

    None for a plain folder: two folders are compared, whatever they are, and nobody is suspected.
    """
    import splits
    from bench import references

    if bool(args.dataset) == bool(args.reference):
        raise UserError(f"{args.command} needs one of --dataset NAME and --reference DIR", "give one of them", code=2)
    if args.dataset and args.scenes:
        raise UserError("--scenes goes with --reference", "a dataset knows its scenes: leave it out", code=2)
    if args.reference:
        return references.of_folder(Path(args.reference), Path(args.scenes) if args.scenes else None), None
    samples = splits.load(args.dataset, args.subset, home=home, captions="none", maps="none", partial=args.partial)
    others = references.elsewhere(args.dataset, args.subset, home, partial=args.partial)
    return references.of_dataset(samples, args.subset), others


def _bench(args: argparse.Namespace) -> tuple[Any, Any]:
    from bench.run import Bench

    bench = Bench(Home.find(args.home), _request(args, args.dataset), quiet=args.quiet or args.json)
    return bench, bench.stage()


def _request(args: argparse.Namespace, dataset: str) -> Any:
    from bench.run import Request
    from models import registry

    return Request(
        method=args.method,
        dataset=dataset,
        preset=args.preset or next(iter(registry.get(args.method).presets)),
        seed=args.seed,
        settings=args.set,
        conditions=args.conditions,
        given=Path(args.given) if args.given else None,
        partial=args.partial,
        captions=args.captions,
        maps=args.maps,
        subset=args.subset,
    )


def _one_process(args: argparse.Namespace) -> None:
    """Several ranks share training alone; what comes after would be written by each of them."""
    ranks = int(os.environ.get("WORLD_SIZE", "1"))
    if ranks > 1:
        raise UserError(
            f"bench {args.command} is one process, and this is one of {ranks} ranks",
            "`accelerate launch -m bench train ...` shares the training; then run this again without the launcher",
            code=2,
        )


def _limits(args: argparse.Namespace) -> Any:
    from bench.trainer import Limits

    return Limits(args.max_steps, args.max_time)


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
