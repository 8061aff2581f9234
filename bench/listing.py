"""What runs a home holds, and how far each is."""

import argparse
import json
import shutil
from pathlib import Path
from typing import Any

from shards import console
from shards.console import Outcome
from shards.errors import unknown
from shards.home import Home


def runs(home: Home) -> list[dict[str, Any]]:
    """Every run: its folder, steps done, state, and how many scores it has."""
    found = []
    for folder in sorted(p for p in home.runs.glob("*") if p.is_dir()):
        states = sorted(folder.glob("checkpoints/step-*/state.json"))
        state = json.loads(states[-1].read_text()) if states else None
        step = f"{state['step']:,}/{state['total']:,}" if state else "-"
        kind = next((kind for kind in ("external", "floor") if folder.name.startswith(f"{kind}-")), "begun")
        if state:
            kind = "done" if state["step"] >= state["total"] else "stopped"
        scored = len(list(folder.glob("predictions/*/scores/*/result.json")))
        found.append({"run": folder.name, "step": step, "state": kind, "scored": scored})
    return found


def size(folder: Path) -> int:
    """Bytes below a folder."""
    return sum(p.stat().st_size for p in folder.rglob("*") if p.is_file())


def command(args: argparse.Namespace) -> Outcome:
    """`bench list`: methods and runs."""
    from models.registry import methods

    known = [[m.card.name, m.card.title, m.card.family, ", ".join(m.presets)] for m in methods().values()]
    headers = ["method", "title", "family", "presets"]
    found = runs(Home.find(args.home))
    lines = [console.table(headers, known)]
    if found:
        lines += ["", console.table(["run", "step", "state", "scored"], [list(r.values()) for r in found])]
    data = {"methods": [dict(zip(headers, row, strict=True)) for row in known], "runs": found}
    return Outcome("\n".join(lines), data)


def clean(args: argparse.Namespace) -> Outcome:
    """`bench clean`: removes one thing, and only when told twice."""
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
