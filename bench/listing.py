"""What runs a home holds, and how far each is."""

import json
from pathlib import Path
from typing import Any

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
