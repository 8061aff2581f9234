"""Is this machine fit, and what is missing? One line per question, with what to do."""

import argparse
import os
import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import metadata
from typing import Literal

from bench import weights
from shards import console
from shards.atomic import write_text
from shards.console import Outcome
from shards.home import Home


@dataclass(frozen=True)
class Check:
    """An answer."""

    state: Literal["ok", "warn", "fail"]
    name: str
    found: str
    remedy: str = ""


def checks(home: Home) -> Iterator[Check]:
    """All answers, the cheap ones first."""
    fit = sys.version_info >= (3, 11)
    yield Check("ok" if fit else "fail", "python", sys.version.split()[0], "" if fit else "3.11 or newer is needed")
    yield Check("ok", "cores", str(os.cpu_count()))
    yield _home(home)
    yield _disk(home)
    yield from _torch()
    yield _scipy()
    for name, entry in weights.registry().items():
        found, remedy = weights.state(entry, home)
        state: Literal["ok", "warn", "fail"] = {"whole": "ok", "missing": "warn"}.get(found, "fail")  # type: ignore[assignment]
        yield Check(state, f"weights {name}", f"{found} ({entry.purpose})", remedy)


def _home(home: Home) -> Check:
    probe = home.root / ".probe"
    try:
        write_text(probe, "")
        probe.unlink()
    except OSError as error:
        return Check("fail", "home", f"{home.root}: {error.strerror}", "give another --home or $IR500K_HOME")
    return Check("ok", "home", str(home.root))


def _disk(home: Home) -> Check:
    place = next(p for p in (home.root, *home.root.parents) if p.exists())
    free = shutil.disk_usage(place).free / 1e9
    remedy = "" if free > 5 else "a demo needs 1 GB, a public dataset up to 60 GB"
    return Check("ok" if free > 5 else "warn", "disk", f"{free:.0f} GB free", remedy)


def _torch() -> Iterator[Check]:
    import torch

    yield Check("ok", "torch", torch.__version__)
    if torch.cuda.is_available():
        yield Check("ok", "gpu", torch.cuda.get_device_name())
    else:
        yield Check("warn", "gpu", "none", "presets `tiny` run without; `small` and `paper` want one")
    from models import pretrained

    try:
        pretrained.diffusers()
        yield Check("ok", "diffusers", metadata.version("diffusers"))
    except Exception as error:  # whatever keeps it from loading is the finding
        yield Check("fail", "diffusers", f"cannot be imported: {error}", "`make setup` installs the locked versions")


def _scipy() -> Check:
    version = metadata.version("scipy")
    known_bad = tuple(map(int, version.split(".")[:2])) >= (1, 18)
    remedy = "clean-fid 0.1.35 calls an argument that 1.18 removed: `pip install 'scipy<1.18'`" if known_bad else ""
    return Check("warn" if known_bad else "ok", "scipy", version, remedy)


def command(args: argparse.Namespace) -> Outcome:
    """`bench doctor`: exit code 1 where something fails."""
    found = list(checks(Home.find(args.home)))
    rows = [[c.state, c.name, c.found, c.remedy] for c in found]
    ok = all(c.state != "fail" for c in found)
    return Outcome(console.table(["", "what", "found", "what to do"], rows), {"checks": [vars(c) for c in found]}, ok)
