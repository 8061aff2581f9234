"""`python -m ingest SOURCE RAW`: raw downloads become shards."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ingest.chosen import add_own_folders
from shards import console
from shards.console import Commands, Outcome
from shards.errors import UserError
from shards.home import Home

if TYPE_CHECKING:
    from ingest.plan import Plan, Registration
    from ingest.run import Ingested

VERBS = {"take", "sources", "check", "guess", "fetch", "new"}


def commands() -> Commands:
    """The command line of this package."""
    c = Commands("ingest", "Raw downloads become shards: `python -m ingest SOURCE RAW`.")
    take = c.add("take", "ingest.__main__:take", "ingest a source; may be left out: `ingest SOURCE RAW`")
    take.add_argument("source", help="`python -m ingest sources` lists them")
    take.add_argument("raw", help="the dataset's folder, zip or tar, or a folder that holds them")
    take.add_argument("--store", choices=["raw", "png"], default="raw", help="raw passes JPEG and PNG bytes through")
    take.add_argument(
        "--per-shard", type=console.positive, default=1000, metavar="N", help="samples in a shard (default 1000)"
    )
    take.add_argument("--workers", type=console.positive, metavar="N", help="processes (default: the cores at hand)")
    take.add_argument("--part", metavar="I/N", default="1/1", help="only the I-th of N shares, for job arrays")
    take.add_argument("--replace", action="store_true", help="write shards anew that came from other raw files")
    take.add_argument("--strict", action="store_true", help="exit 1 where any row failed")
    take.add_argument("--no-registration", action="store_true", help="do not compare the two sides of each pair")
    take.add_argument(
        "--min-registration",
        type=_score,
        metavar="X",
        help="leave out pairs that fit by less than X; from 1 on they fit",
    )
    take.add_argument("--dry-run", action="store_true", help="print the plan and write nothing")
    listing = c.add("sources", "ingest.catalogue:command", "the sources there are, and what is here of them")
    listing.add_argument("--markdown", action="store_true", help="the page docs/sources.md")
    check = c.add("check", "ingest.check:command", "what a raw folder would give, from names and a few headers")
    check.add_argument("source", help="`python -m ingest sources` lists them")
    check.add_argument("raw", help="the folder into which the dataset was unpacked")
    for parser in (take, check):
        add_own_folders(parser)
    guess = c.add("guess", "ingest.guess:command", "which source a raw folder is")
    guess.add_argument("raw", help="a folder or an archive")
    fetch = c.add("fetch", "ingest.fetch:command", "download a source, or say where it is had")
    fetch.add_argument("source", help="`python -m ingest sources` lists them")
    fetch.add_argument("folder", help="where it is to lie")
    new = c.add("new", "ingest.skeleton:command", "write the skeleton of a new source and of its test")
    new.add_argument("name", help="[a-z0-9_]; first part of every key")
    return c


def take(args: argparse.Namespace) -> Outcome:
    """Ingests one source."""
    from ingest.chosen import chosen
    from ingest.engine import workers_available
    from ingest.plan import make_plan
    from ingest.run import ingest
    from ingest.tree import open_tree

    source, share = chosen(args), _share(args.part)
    raw = Path(args.raw)
    if source.prepare is not None and not raw.exists() and not args.dry_run:
        console.say(f"{raw} does not exist: {source.title.lower()} are made there")
        source.prepare(raw)
    plan = make_plan(
        source, open_tree(raw), store=args.store, per_shard=args.per_shard, registration=_registration(args)
    )
    if args.dry_run:
        text = f"{source.name}: {plan.samples:,} samples in {len(plan.shards)} shards, {plan.raw_bytes / 1e6:,.1f} MB"
        return Outcome(text, {"samples": plan.samples, "shards": [s.name for s in plan.shards]})
    watch = console.Stopwatch()
    workers = args.workers or workers_available()
    quiet = args.quiet or args.json
    done = ingest(plan, Home.find(args.home), workers=workers, replace=args.replace, share=share, quiet=quiet)
    return _outcome(plan, done, watch.seconds, strict=args.strict)


def _outcome(plan: "Plan", done: "Ingested", seconds: float, *, strict: bool) -> Outcome:
    name, published = plan.source.name, plan.source.pairs
    ok = done.statuses.get("ok", 0)
    failed = {status: n for status, n in sorted(done.statuses.items()) if status != "ok"}
    failures = ", ".join(f"{n:,} {status}" for status, n in failed.items()) or "0 failed"
    lines = [
        f"{name}: {ok:,} pairs ok, {failures}; {done.written} shards written, {done.kept} kept, "
        f"{console.duration(seconds)}",
        f"ignored: {plan.junk} junk files, {plan.unused} files that no template names",
    ]
    if done.left:
        lines.append(f"{done.left} shards are left to the other shares of --part")
    elif published and ok != published:
        wanted = f"; its archives: {', '.join(plan.source.files)}" if plan.source.files else ""
        lines.append(f"the publisher counts {published:,} pairs, here are {ok:,}{wanted}")
    twins, keys = done.twins
    if twins:
        lines.append(f"{twins:,} samples show the same pixels as another one: {' = '.join(keys)} for one")
    if failed:
        lines.append(f"`python -m shards show {name}` tells what failed and why")
    lines += plan.notes
    lines += [f"{lost.shard} was not written: {lost.reason}; the same command tries again" for lost in done.lost]
    shards = {"written": done.written, "kept": done.kept, "left": done.left, "lost": [vars(x) for x in done.lost]}
    data: dict[str, Any] = {
        "source": name,
        "ok": ok,
        "failed": failed,
        "shards": shards,
        "ignored": {"junk": plan.junk, "other": plan.unused},
        "published_pairs": published,
        "same_pixels": twins,
        "notes": [*plan.notes],
    }
    return Outcome("\n".join(lines), data, ok=not done.lost and (ok > 0 or done.left > 0) and not (strict and failed))


def _registration(args: argparse.Namespace) -> "Registration":
    from ingest.plan import Registration

    if args.no_registration and args.min_registration is not None:
        raise UserError("--min-registration needs the check that --no-registration turns off", "give one", code=2)
    return Registration(not args.no_registration, args.min_registration)


def _score(text: str) -> float:
    """A score from 0 on.

    Raises:
        argparse.ArgumentTypeError: it is none.
    """
    try:
        score = float(text)
    except ValueError:
        score = -1.0
    if not 0 <= score < float("inf"):
        raise argparse.ArgumentTypeError(f"{text!r} is not a score from 0 on")
    return score


def _share(text: str) -> tuple[int, int]:
    try:
        i, n = map(int, text.split("/"))
    except ValueError:
        i, n = 0, 0
    if not 1 <= i <= n:
        raise UserError(f"--part {text} is not I/N with 1 <= I <= N", "e.g. --part 3/16", code=2)
    return i - 1, n


def main(argv: Sequence[str] | None = None) -> int:
    """Entry point; the word `take` may be left out."""
    words = list(sys.argv[1:] if argv is None else argv)
    if words and words[0] not in VERBS | {"-h", "--help"}:
        words.insert(0, "take")
    return console.run(commands, words)


if __name__ == "__main__":
    sys.exit(main())
