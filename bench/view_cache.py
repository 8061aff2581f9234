"""Reference pictures as they are compared, kept by content: scoring a second method decodes no reference again."""

import hashlib
import json
import zipfile
from collections.abc import Callable, Collection, Mapping
from pathlib import Path

import numpy as np
from PIL import __version__ as pillow

from bench.decode import Pixels
from bench.geometry import Box
from shards.atomic import replacing
from shards.errors import UserError
from shards.home import Home


class ViewCache:
    """Pictures by view and key, from the cache or made now.

    Whole views lie in the cache under the fingerprint of the references, the view's name, the boxes that are cut and
    the version of the library that resampled them.

    Args:
        fingerprint: of the references.
        boxes: by key of every reference, the part of it that is compared; None for all of it.
        views: names of those to keep, each of one size for all keys.
    """

    def __init__(self, home: Home, fingerprint: str, boxes: Mapping[str, Box | None], views: Collection[str]) -> None:
        self._keys = set(boxes)
        cause = json.dumps([fingerprint, sorted(boxes.items()), pillow])
        self._paths = {
            view: home.cache / "references" / f"{hashlib.sha256(f'{view}|{cause}'.encode()).hexdigest()[:32]}.npz"
            for view in views
        }
        self._pictures = {view: _load(path) for view, path in self._paths.items()}
        self._whole = {view for view, pictures in self._pictures.items() if pictures}

    def get(self, view: str, key: str, make: Callable[[], Pixels]) -> Pixels:
        """The picture of a key in a view; `make` makes it where it is not kept."""
        if view not in self._pictures:
            return make()
        if key not in self._pictures[view]:
            self._pictures[view][key] = make()
        return self._pictures[view][key]

    def save(self) -> None:
        """Keeps the views that were made now, those of which every key is there."""
        for view, pictures in self._pictures.items():
            if view not in self._whole and set(pictures) == self._keys:
                _save(self._paths[view], pictures)
                self._whole.add(view)


def _load(path: Path) -> dict[str, Pixels]:
    if not path.is_file():
        return {}
    try:
        with np.load(path, allow_pickle=False) as data:
            return dict(zip(data["keys"].tolist(), data["pictures"], strict=True))
    except (ValueError, EOFError, zipfile.BadZipFile):
        raise UserError(f"{path} is damaged", "`python -m bench clean cache --yes`; it is made again") from None


def _save(path: Path, pictures: Mapping[str, Pixels]) -> None:
    keys = sorted(pictures)
    colour = any(pictures[key].ndim == 3 for key in keys)
    if colour:  # one array has one shape: grey pictures get three equal channels, which score as they do
        stack = np.stack([np.dstack([p] * 3) if p.ndim == 2 else p for p in map(pictures.__getitem__, keys)])
    else:
        stack = np.stack([pictures[key] for key in keys])
    with replacing(path) as temporary, open(temporary, "wb") as file:
        np.savez(file, keys=np.array(keys), pictures=stack)
