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
        parse: bytes of a file -> its content.
        pick: (content, fields of the sample) -> value, or None where it has none.
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
    return LayerFiles("captions", Template(template, image=False), json.loads, _CaptionOf(key))


@dataclass(frozen=True)
class _CaptionOf:
    key: str

    def __call__(self, table: dict[str, Any], fields: Fields) -> list[str] | None:
        value = table.get(fill(self.key, fields))
        return [value] if isinstance(value, str) else value


def _as_png(data: bytes) -> bytes:
    """PNG bytes of a map, its own where nothing needs doing."""
    pixels = image.decode(data)
    return data if image.sniff(data) == "png" else image.encode_png(pixels)


def _whole(content: bytes, fields: Fields) -> bytes:
    return content
