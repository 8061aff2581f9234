"""Ingest of one source: plan, encode what is missing, mark."""

import shutil
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from ingest.encode import Report, Task
from ingest.engine import Lost, run
from ingest.plan import Plan, ShardPlan
from shards import console, part
from shards.errors import UserError
from shards.home import Home


@dataclass(frozen=True)
class Ingested:
    """What a source's shards hold after ingest.

    Attributes:
        statuses: rows by status over all shards of the plan that are done.
        written: shards written now; `kept`: shards that were there.
        lost: shards whose worker died.
    """

    statuses: Mapping[str, int]
    written: int
    kept: int
    lost: Sequence[Lost]


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
    done = [s for s in plan.shards if part.is_done(folder / f"{s.name}.parquet", s.id)]
    _clear_the_way(plan, folder, replace)
    todo = [s for i, s in enumerate(plan.shards) if s not in done and i % share[1] == share[0]]
    _check_disk(plan, home, todo)
    tasks = [Task(home, plan.root, plan.source, plan.layout, shard) for shard in todo]
    lost: list[Lost] = []
    with console.progress(sum(len(s.samples) for s in todo), "samples", quiet=quiet) as shown:
        for result in run(tasks, workers=workers):
            if isinstance(result, Report):
                shown.advance(sum(result.statuses.values()))
            else:
                lost.append(result)
    return Ingested(_statuses(folder, plan), len(todo) - len(lost), len(done), lost)


def _clear_the_way(plan: Plan, folder: Path, replace: bool) -> None:
    planned = {shard.name: shard.id for shard in plan.shards}
    foreign = []
    for path in sorted(folder.glob("*.parquet")):
        mark = part.read_mark(path)
        if mark is not None and mark.plan != planned.get(path.stem):
            foreign.append(path)
    if foreign and not replace:
        raise UserError(
            f"{len(foreign)} shards of {plan.source.name} in {folder} came from other raw files or options "
            f"({foreign[0].name} for one)",
            "--replace writes them anew; another --home keeps both",
        )
    for path in foreign:
        path.unlink()
        if path.stem not in planned:
            path.with_suffix(".tar").unlink(missing_ok=True)
            for annotation in folder.parent.parent.glob(f"annotations/*/{plan.source.name}/{path.name}"):
                annotation.unlink()


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
    for shard in plan.shards:
        path = folder / f"{shard.name}.parquet"
        if part.is_done(path, shard.id):
            counts.update(pq.read_table(path, columns=["status"])["status"].to_pylist())
    return counts
