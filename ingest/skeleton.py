"""A new source: its declaration and its publisher's tree, both to be filled in."""

import argparse
import re
from pathlib import Path

from ingest.__main__ import VERBS
from ingest.source import sources
from shards.console import Outcome
from shards.errors import UserError

_DECLARATION = '''\
"""{title}: what it shows, from where, how it was aligned.

Accepted: which folders, under which names. Unverified: what no one could check yet.
"""

from ingest.source import Layout, Source

SOURCE = Source(
    name="{name}",
    title="{title}",
    pairs=0,
    band="unknown",
    view="unknown",
    page="",
    licence="",
    redistribute=False,
    citation="",
    layouts=[Layout(visible="{name}/visible/{{id}}", infrared="{name}/infrared/{{id}}")],
    scene="{{id}}",
)
'''

_TREE = '''\
"""{title}: its download as the publisher ships it, with whatever is odd about it."""

from pathlib import Path

from publisher import Expected, pair


def tree(root: Path) -> Expected:
    pair(root / "{name}/visible/0001.png", root / "{name}/infrared/0001.png", 1)
    return Expected(pairs=0, subsets={{}}, scenes={{}})
'''


def command(args: argparse.Namespace) -> Outcome:
    """`ingest new NAME`."""
    declaration, publisher = new(args.name, Path(__file__).resolve().parents[1])
    text = (
        f"fill in {declaration}\nand {publisher}\n"
        f"until `pytest tests/ingest/test_contract.py -k {args.name}` passes; then write docs/sources.md anew"
    )
    return Outcome(text, {"declaration": str(declaration), "publisher": str(publisher)})


def new(name: str, root: Path) -> tuple[Path, Path]:
    """Writes both files of a new source; the contract test fails until they are filled in.

    Args:
        root: of the checkout, which holds `ingest/` and `tests/`.

    Returns:
        The declaration and the tree.

    Raises:
        UserError: the name does not fit or is taken, or there is no checkout at that place.
    """
    if not re.fullmatch("[a-z0-9]+(_[a-z0-9]+)*", name):
        raise UserError(f"{name!r} does not fit into keys", "take a-z, 0-9 and single _ between them", code=2)
    declaration = root / "ingest" / "sources" / f"{name}.py"
    publisher = root / "tests" / "ingest" / "publishers" / f"{name}.py"
    if not publisher.parent.is_dir():
        raise UserError(
            f"{root} is no checkout: it has no {publisher.parent.relative_to(root)}", "clone the repository"
        )
    if name in VERBS or name in sources() or declaration.exists() or publisher.exists():
        raise UserError(f"the name {name} is taken", f"see {declaration}, or take another")
    title = name.replace("_", " ").upper()
    publisher.write_text(_TREE.format(name=name, title=title))
    declaration.write_text(_DECLARATION.format(name=name, title=title))
    return declaration, publisher
