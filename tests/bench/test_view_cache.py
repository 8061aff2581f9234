"""Reference pictures are made once per content, view and crop."""

import numpy as np
import pytest

from bench.view_cache import ViewCache
from shards.errors import UserError

KEYS = ["a", "b", "c"]
WHOLE = dict.fromkeys(KEYS)


def picture(key, channels=1):
    grey = np.full((4, 5), ord(key), np.uint8)
    return grey if channels == 1 else np.dstack([grey, grey + np.uint8(1), grey])


def fill(cache, view="grey", keys=KEYS, make=picture):
    made = []

    def one(key):
        made.append(key)
        return make(key)

    found = {key: cache.get(view, key, lambda key=key: one(key)) for key in keys}
    cache.save()
    return found, made


def test_a_whole_view_is_made_once(home):
    first, made = fill(ViewCache(home, "f", WHOLE, ["grey"]))
    again, nothing = fill(ViewCache(home, "f", WHOLE, ["grey"]))
    assert (made, nothing) == (KEYS, [])
    assert all((again[key] == first[key]).all() for key in KEYS)


def test_half_a_view_is_not_kept(home):
    fill(ViewCache(home, "f", WHOLE, ["grey"]), keys=KEYS[:2])
    assert fill(ViewCache(home, "f", WHOLE, ["grey"]))[1] == KEYS


@pytest.mark.parametrize(
    ("fingerprint", "boxes", "view"),
    [("g", WHOLE, "grey"), ("f", WHOLE | {"a": (0, 0, 2, 2)}, "grey"), ("f", WHOLE, "rgb")],
)
def test_other_content_crop_or_view_is_another_cause(home, fingerprint, boxes, view):
    fill(ViewCache(home, "f", WHOLE, ["grey"]))
    assert fill(ViewCache(home, fingerprint, boxes, [view]), view)[1] == KEYS


def test_a_view_that_is_not_to_be_kept_is_made_each_time(home):
    cache = ViewCache(home, "f", WHOLE, [])
    assert fill(cache)[1] == fill(cache)[1] == KEYS
    assert not home.cache.exists()


def test_grey_among_colour_gets_three_equal_channels(home):
    fill(ViewCache(home, "f", WHOLE, ["rgb"]), "rgb", make=lambda key: picture(key, 3 if key == "b" else 1))
    found, _ = fill(ViewCache(home, "f", WHOLE, ["rgb"]), "rgb")
    assert all(found[key].shape == (4, 5, 3) for key in KEYS)
    assert (found["a"] == np.dstack([picture("a")] * 3)).all()
    assert (found["b"] == picture("b", 3)).all()


def test_a_damaged_cache_says_what_to_do(home):
    fill(ViewCache(home, "f", WHOLE, ["grey"]))
    (path,) = (home.cache / "references").iterdir()
    path.write_bytes(path.read_bytes()[:100])
    with pytest.raises(UserError, match="clean cache"):
        ViewCache(home, "f", WHOLE, ["grey"])
