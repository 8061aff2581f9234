"""A run's own papers: the lock, the spec, the log and its curves."""

import fcntl
import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from shards.atomic import replacing, write_text
from shards.errors import UserError


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Holds the run's lock; the kernel lets go of it when the process ends, however it ends.

    Raises:
        UserError: another process is at work in this run.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with open(folder / "lock", "a+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            file.seek(0)
            holder = file.read().strip() or "unknown"
            raise UserError(f"{folder.name} is being worked on by process {holder}", "wait for it, or end it") from None
        file.seek(0)
        file.truncate()
        file.write(f"{os.getpid()}\n")
        file.flush()
        yield


def write_spec(folder: Path, spec: Mapping[str, Any], about: Mapping[str, Any]) -> None:
    """spec.json: what decides the weights, and what names the run.

    Raises:
        UserError: the folder holds a run of another spec.
    """
    path = folder / "spec.json"
    if path.is_file():
        found = json.loads(path.read_text())
        differing = sorted(k for k in spec if found.get("spec", {}).get(k) != spec[k])
        if differing:
            raise UserError(
                f"{path} is of another spec: {', '.join(differing)} differ", "move that folder away and run again"
            )
    write_json(path, {"spec": spec, "about": about})


def append_log(path: Path, entry: Mapping[str, Any]) -> None:
    """One line more."""
    with open(path, "a") as file:
        file.write(json.dumps(entry, sort_keys=True) + "\n")


def cut_log(path: Path, step: int) -> None:
    """Drops log lines after a step: they will be written again."""
    if path.is_file():
        kept = [entry for entry in read_log(path) if entry["step"] <= step]
        write_text(path, "".join(json.dumps(entry, sort_keys=True) + "\n" for entry in kept))


def read_log(path: Path) -> list[dict[str, Any]]:
    """Lines of a log; a line that a kill cut short is left out."""
    lines = path.read_text().splitlines() if path.is_file() else []
    found = []
    for line in lines:
        try:
            found.append(json.loads(line))
        except ValueError:
            continue
    return found


def draw_curves(log: Path, path: Path, title: str) -> None:
    """Loss over steps as a PNG."""
    entries = [e for e in read_log(log) if e.get("losses")]
    if not entries:
        return
    from matplotlib.figure import Figure

    names = sorted(entries[-1]["losses"])
    figure = Figure(figsize=(7, 2.2 * len(names)), layout="constrained")
    axes = figure.subplots(len(names), 1, squeeze=False, sharex=True)[:, 0]
    for axis, name in zip(axes, names, strict=True):
        axis.plot([e["step"] for e in entries], [e["losses"].get(name) for e in entries], color="#b3411f", lw=1)
        axis.set_ylabel(name)
        axis.grid(alpha=0.25)
    axes[0].set_title(title, fontsize=10)
    axes[-1].set_xlabel("optimiser step")
    with replacing(path) as temporary:
        figure.savefig(temporary, format="png", dpi=110)


def write_json(path: Path, content: Any) -> None:
    """Sorted keys, strict JSON, one newline at the end."""
    write_text(path, json.dumps(content, indent=1, sort_keys=True, allow_nan=False) + "\n")
