"""What is known of a sample: the columns of a part, and the facts in KEY.json. One place defines both."""

import json
from collections.abc import Mapping
from typing import Any

VERSION = 2

TEXT, WHOLE, REAL, FLAG = "string", "int64", "float64", "bool"

# Column, type, value where unknown (a part has no nulls), and whether KEY.json carries it.
COLUMNS: tuple[tuple[str, str, Any, bool], ...] = (
    ("key", TEXT, "", True),
    ("status", TEXT, "ok", False),
    ("reason", TEXT, "", False),
    ("source", TEXT, "", True),
    ("subset", TEXT, "all", True),
    ("scene", TEXT, "", True),
    ("sequence", TEXT, "", True),
    ("frame", WHOLE, -1, True),
    ("shard", TEXT, "", False),
    ("band", TEXT, "", True),
    ("view", TEXT, "", True),
    ("licence", TEXT, "", True),
    ("vis_width", WHOLE, 0, True),
    ("vis_height", WHOLE, 0, True),
    ("ir_width", WHOLE, 0, True),
    ("ir_height", WHOLE, 0, True),
    ("vis_mode", TEXT, "", False),
    ("ir_mode", TEXT, "", False),
    ("vis_bits", WHOLE, 0, True),
    ("ir_bits", WHOLE, 0, True),
    ("vis_stored", TEXT, "", False),
    ("ir_stored", TEXT, "", False),
    ("vis_passed", FLAG, False, False),
    ("ir_passed", FLAG, False, False),
    ("ir_window", TEXT, "", True),
    ("ir_low", REAL, 0.0, True),
    ("ir_high", REAL, 0.0, True),
    ("valid_x0", WHOLE, -1, True),
    ("valid_y0", WHOLE, -1, True),
    ("valid_x1", WHOLE, -1, True),
    ("valid_y1", WHOLE, -1, True),
    ("vis_sha256", TEXT, "", True),
    ("ir_sha256", TEXT, "", True),
    ("json_sha256", TEXT, "", False),
    ("vis_pixels", TEXT, "", False),
    ("ir_pixels", TEXT, "", False),
    ("vis_hash64", "binary", b"", False),
    ("ir_hash64", "binary", b"", False),
    ("vis_hash256", "binary", b"", False),
    ("ir_hash256", "binary", b"", False),
    ("vis_flat", FLAG, False, False),
    ("ir_flat", FLAG, False, False),
    ("registration", TEXT, "unchecked", False),
    ("registration_dx", REAL, 0.0, False),
    ("registration_dy", REAL, 0.0, False),
    ("registration_score", REAL, 0.0, False),
    ("boxes", "boxes", (), False),
    ("warnings", "texts", (), False),
    ("vis_path", TEXT, "", False),
    ("ir_path", TEXT, "", False),
    ("offset", WHOLE, -1, False),
    ("size", WHOLE, 0, False),
    ("vis_offset", WHOLE, -1, False),
    ("vis_size", WHOLE, 0, False),
    ("ir_offset", WHOLE, -1, False),
    ("ir_size", WHOLE, 0, False),
    ("json_offset", WHOLE, -1, False),
    ("json_size", WHOLE, 0, False),
)
"""`vis_stored`, `ir_stored`: suffix of the member, jpg or png. `vis_passed`, `ir_passed`: its bytes are the
publisher's. `ir_window`, `ir_low`, `ir_high`: display window of infrared with 16 bits, in raw levels; empty with 8.
`valid_*`: the largest box without black borders or wedges, in pixels of the stored images; -1 where it was not
looked for. `warnings`: what is odd about a sample that is ok. Offsets point at a member's data; `offset` and `size`
span the whole sample, headers and padding included. Hashes: `shards.hashing`."""

DEFAULTS: Mapping[str, Any] = {name: unknown for name, _, unknown, _ in COLUMNS}
FACTS = tuple(name for name, _, _, carried in COLUMNS if carried)


def row(**known: Any) -> dict[str, Any]:
    """A whole row from what is known of it.

    Raises:
        KeyError: a column that does not exist.
    """
    for name in known:
        DEFAULTS[name]
    return {**DEFAULTS, **known}


def facts_json(row: Mapping[str, Any]) -> bytes:
    """The bytes of KEY.json: flat, fixed keys and types, never null, since readers infer types from few samples."""
    facts = {"schema": VERSION} | {name: row[name] for name in FACTS}
    return json.dumps(facts, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def arrow() -> Any:
    """The pyarrow schema of a part; no column takes a null."""
    import pyarrow as pa

    box = pa.struct(
        [
            ("label", pa.string()),
            *((edge, pa.float64()) for edge in ("x0", "y0", "x1", "y1")),
            ("side", pa.string()),
            ("occlusion", pa.string()),
        ]
    )
    special = {"boxes": pa.list_(box), "texts": pa.list_(pa.string()), "binary": pa.binary()}
    types = [(name, special[kind] if kind in special else pa.type_for_alias(kind)) for name, kind, _, _ in COLUMNS]
    return pa.schema([pa.field(name, type_, nullable=False) for name, type_ in types])
