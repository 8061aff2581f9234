"""Captions and maps that lie beside the raw images and become layers."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from ingest.template import Fields, Template, fill
from shards import image
from shards.layer import Kind


@dataclass(frozen=True)
class LayerFiles:
    """Where a layer's raw values lie.

    Attributes:
        template: one file per sample, joined by shared fields; or one file for all, without fields.
        parse: bytes of a file -> its content; a ValueError makes a failed row.
        pick: (content, fields of the sample) -> value, or None where it has none; likewise.
    """

    kind: Kind
    template: Template
    parse: Callable[[bytes], Any]
    pick: Callable[[Any, Fields], Any]


def map_images(template: str) -> LayerFiles:
    """Segmentation maps, one image per sample."""
    return LayerFiles("maps", Template(template), _as_png, _whole)


def caption_table(template: str, key: str) -> LayerFiles:
    """One JSON file {name: text or texts}; `key` makes a sample's name from its fields."""
    return LayerFiles("captions", Template(template, image=False), _as_table, _CaptionOf(key))


@dataclass(frozen=True)
class _CaptionOf:
    key: str

    def __call__(self, table: dict[str, Any], fields: Fields) -> list[str] | None:
        name = fill(self.key, fields)
        found = table.get(name) or []
        texts = [found] if isinstance(found, str) else found
        if not isinstance(texts, list) or not all(isinstance(text, str) for text in texts):
            raise ValueError(f"the caption of {name} is no text")
        return [text for text in texts if text] or None


def _as_table(data: bytes) -> dict[str, Any]:
    content = json.loads(data)
    if not isinstance(content, dict):
        raise ValueError("not a JSON object of captions by name")
    return content


def _as_png(data: bytes) -> bytes:
    """PNG bytes of a map, its own where nothing needs doing."""
    pixels = image.decode(data)
    return data if image.sniff(data) == "png" else image.encode_png(pixels)


def _whole(content: bytes, fields: Fields) -> bytes:
    return content
