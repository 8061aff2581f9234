"""Ingest of one source: plan, encode what is missing, mark."""

import shutil
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from ingest.encode import RAW_DATA, Report, Task
from ingest.engine import Lost, run
from ingest.plan import Plan, ShardPlan
from shards import console, layer, part
from shards.atomic import remove_orphans
from shards.errors import UserError
from shards.home import Home


@dataclass(frozen=True)
class Ingested:
    """What a source's shards hold after ingest.

    Attributes:
        statuses: rows by status over all shards of the plan that are done.
        written: shards written now.
        kept: shards that were there.
        left: shards of other shares that are not there yet.
        lost: shards whose worker died.
        twins: how many samples show the pixels of another one on both sides, and the keys of two of them.
    """

    statuses: Mapping[str, int]
    written: int
    kept: int
    left: int
    lost: Sequence[Lost]
    twins: tuple[int, Sequence[str]] = (0, ())


def ingest(
    plan: Plan, home: Home, *, workers: int, replace: bool = False, share: tuple[int, int] = (0, 1), quiet: bool = False
) -> Ingested:
    """Brings a home to the state that the plan describes; what is done is not done again.

    Args:
        replace: write shards anew that came from another plan, and remove those that the plan no longer has.
        share: (i, n): only every n-th shard from the i-th, for job arrays.

    Raises:
        UserError: shards of another plan are in the way, or the disk is too small.
    """
    folder = home.shards / plan.source.name
    _clear_the_way(plan, home, replace)
    missing = [shard for shard in plan.shards if not part.is_done(folder / f"{shard.name}.parquet", shard.id)]
    mine = {shard.name for shard in plan.shards[share[0] :: share[1]]}
    todo = [shard for shard in missing if shard.name in mine]
    _check_disk(plan, home, todo)
    tasks = [
        Task(home, plan.raw.only(_paths(shard)), plan.source, plan.layout, shard, plan.registration) for shard in todo
    ]
    lost: list[Lost] = []
    with console.progress(sum(len(s.samples) for s in todo), "samples", quiet=quiet) as shown:
        for result in run(tasks, workers=workers):
            if isinstance(result, Report):
                shown.advance(sum(result.statuses.values()))
            else:
                lost.append(result)
    return Ingested(
        statuses=_statuses(folder, plan),
        written=len(todo) - len(lost),
        kept=len(plan.shards) - len(missing),
        left=len(missing) - len(todo),
        lost=lost,
        twins=_twins(_done(folder, plan)),
    )


def _paths(shard: ShardPlan) -> Iterator[str]:
    return (path for sample in shard.samples for path in sample.paths)


def _clear_the_way(plan: Plan, home: Home, replace: bool) -> None:
    """Nothing stays that the plan does not know; what it knows and is not done will be written anew."""
    folder = home.shards / plan.source.name
    planned = {shard.name: shard.id for shard in plan.shards}

    def is_foreign(path: Path) -> bool:
        mark = part.read_mark(path)
        return mark is not None and mark.plan != planned.get(path.stem)

    foreign = [path for path in sorted(folder.glob("*.parquet")) if is_foreign(path)]
    if foreign and not replace:
        raise UserError(
            f"{len(foreign)} shards of {plan.source.name} in {folder} came from other raw files or options "
            f"({foreign[0].name} for one)",
            "--replace writes them anew; another --home, or for `folder` another --name, keeps both",
        )
    for path in foreign:
        if is_foreign(path):  # still: another share of the same job may have written it anew
            path.unlink(missing_ok=True)
    for path in folder.glob("*"):  # what has no whole part, or no part, does not exist
        if path.suffix in {".tar", ".parquet"} and path.stem not in planned:
            path.unlink(missing_ok=True)
    for place in (folder, *home.annotations.glob(f"*/{plan.source.name}")):
        remove_orphans(place)
    for path in home.annotations.glob(f"*/{plan.source.name}/*.parquet"):
        # Captions and maps that a model made are joined by key, whatever shard they were made for.
        known = path.stem in planned and path.parent.parent.name in plan.layout.layers
        if not known and layer.about(path)[1].get("made_by") == RAW_DATA:
            path.unlink(missing_ok=True)


def _check_disk(plan: Plan, home: Home, todo: Sequence[ShardPlan]) -> None:
    needed = sum(s.visible_size + s.infrared_size for shard in todo for s in shard.samples)
    home.root.mkdir(parents=True, exist_ok=True)
    free = shutil.disk_usage(home.root).free
    if needed > free:
        raise UserError(
            f"{plan.source.name} needs about {needed / 1e9:.1f} GB, {home.root} has {free / 1e9:.1f} GB free",
            "free some space, or give another --home",
        )


def _statuses(folder: Path, plan: Plan) -> Mapping[str, int]:
    import pyarrow.parquet as pq

    counts: Counter[str] = Counter()
    for path in _done(folder, plan):
        counts.update(pq.read_table(path, columns=["status"])["status"].to_pylist())
    return counts


def _done(folder: Path, plan: Plan) -> list[Path]:
    """Parts of the plan's shards that are there."""
    paths = [(folder / f"{shard.name}.parquet", shard.id) for shard in plan.shards]
    return [path for path, plan_id in paths if part.is_done(path, plan_id)]


def _twins(parts: Sequence[Path]) -> tuple[int, Sequence[str]]:
    """Samples with the pixels of another one on both sides: the same frame under two names."""
    import duckdb

    if not parts:
        return 0, ()
    query = """
        select count(*) - 1 as more, min(key) as first, max(key) as last from read_parquet($parts)
        where status = 'ok' group by vis_pixels, ir_pixels having count(*) > 1 order by first
    """
    with duckdb.connect() as connection:
        rows = connection.execute(query, {"parts": [str(path) for path in parts]}).fetchall()
    return sum(row[0] for row in rows), rows[0][1:] if rows else ()
