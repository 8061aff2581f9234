"""Which source a command line means: a declared one, or the user's own folders by what the options say of them."""

import argparse
import re
from dataclasses import replace
from typing import TYPE_CHECKING

from shards.errors import UserError

if TYPE_CHECKING:
    from ingest.source import Source


def add_own_folders(parser: argparse.ArgumentParser) -> None:
    """The options that describe folders which no source declares."""
    parser.add_argument("--visible", metavar="TEMPLATE", help="folder: e.g. 'VIS/{id}'")
    parser.add_argument("--infrared", metavar="TEMPLATE", help="folder, ir_folder: e.g. 'IR/{id}'")
    parser.add_argument("--pairs", metavar="RULE", help="folder: `order`, or a CSV file with two columns of paths")
    parser.add_argument("--name", help="folder, ir_folder: the source's name, first part of every key")


def chosen(args: argparse.Namespace) -> "Source":
    """The source that a command line means, with what it says of folders of the user's own."""
    from ingest.source import get, sources
    from ingest.sources import folder

    source = get(args.source)
    visible, infrared, pairs = args.visible, args.infrared, args.pairs
    if not (visible or infrared or pairs or args.name):
        return source
    if args.source != "folder" and (args.source != "ir_folder" or visible or pairs):
        raise UserError(
            "--visible, --infrared, --pairs and --name go with `folder`", "`ingest folder RAW --name NAME ...`", code=2
        )
    name = args.name or source.name
    if not re.fullmatch("[a-z0-9]+(_[a-z0-9]+)*", name):
        raise UserError(f"--name {name!r} does not fit into keys", "take a-z, 0-9 and single _ between them", code=2)
    if args.name in sources():
        raise UserError(f"the name {name!r} is taken by a source", "choose another --name", code=2)
    if pairs and pairs != "order":
        if visible or infrared:
            raise UserError("a table names all files", "leave --visible and --infrared out", code=2)
        return folder.by_table(name, pairs)
    if (visible or pairs) and not (visible and infrared):
        lacking = "--visible needs --infrared" if visible else "--pairs order needs --visible and --infrared"
        raise UserError(lacking, "give both templates", code=2)
    if pairs:
        return folder.by_order(name, visible, infrared)
    return folder.by_templates(name, visible, infrared) if infrared else replace(source, name=name)
