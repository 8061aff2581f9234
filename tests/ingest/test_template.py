"""Templates say in one line where the files of a side lie and what their names mean."""

import os
import pickle
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.template import Template, fill, printable
from shards.errors import UserError

NAME = st.text(string.ascii_letters + string.digits + "_- ", min_size=1, max_size=12).filter(lambda s: s.strip())


@pytest.mark.parametrize(
    ("template", "path", "expected"),
    [
        ("rgb/{id}", "rgb/a.jpg", ("", {"id": "a"})),
        ("rgb/{id}", "RGB/A.JPG", ("", {"id": "A"})),
        ("rgb/{id}", "one/two/three/rgb/a.png", ("one/two/three/", {"id": "a"})),
        ("rgb/{id}", "1/2/3/4/rgb/a.png", None),
        ("rgb/{id}", "rgb/deep/a.jpg", None),
        ("rgb/{id}", "xrgb/a.jpg", None),
        ("rgb/{id}", "rgb/a.txt", None),
        ("rgb/{id}", "rgb/a", None),
        ("VIS{id}", "VIS012.bmp", ("", {"id": "012"})),
        ("VIS{id}", "TNO/set/vis012.tif", ("TNO/set/", {"id": "012"})),
        ("{id}_co", "Vehicules512/00000000_co.png", ("Vehicules512/", {"id": "00000000"})),
        ("{:Vis|vi}/{id}", "M3FD/VI/00001.png", ("M3FD/", {"id": "00001"})),
        ("{:Vis|vi}/{id}", "M3FD/visible/00001.png", None),
        ("{subset:train|test}/{id}", "Train/1.png", ("", {"subset": "train", "id": "1"})),
        ("v/{frame:d}", "v/000012.jpg", ("", {"frame": 12})),
        ("v/{frame:d}", "v/12a.jpg", None),
        ("v/{frame:d}", "v/١٢.jpg", None),
        (
            "{set}/{video}/visible/I{frame:d}",
            "set06/V000/visible/I00019.jpg",
            ("", {"set": "set06", "video": "V000", "frame": 19}),
        ),
        ("images/{path:**}", "images/a/b/c.png", ("", {"path": "a/b/c"})),
        ("a(b)+[c]/{id}", "a(b)+[c]/1.png", ("", {"id": "1"})),
        ("{id}", "a.b.png", ("", {"id": "a.b"})),
    ],
)
def test_a_path_matches_or_not(template, path, expected):
    assert Template(template).match(path) == expected


def test_other_files_carry_their_extension_in_the_template():
    template = Template("Annotations/{id}.xml", image=False)
    assert template.match("LLVIP/Annotations/010001.xml") == ("LLVIP/", {"id": "010001"})
    assert template.match("Annotations/010001.xml.bak") is None
    assert template.match("Annotations/010001.png") is None


@given(name=NAME, subset=st.sampled_from(["train", "val"]), frame=st.integers(0, 10**9))
def test_what_was_filled_in_is_found_again(name, subset, frame):
    template = Template("{subset:train|val}/{id}/f{frame:d}")
    path = fill("{subset}/{id}/f{frame:06d}.png", {"subset": subset, "id": name, "frame": frame})
    assert template.match(f"deep/er/{path}") == ("deep/er/", {"subset": subset, "id": name, "frame": frame})


@pytest.mark.parametrize(
    ("template", "problem"),
    [
        ("rgb/{id", "stray brace"),
        ("rgb/id}", "stray brace"),
        ("rgb/{Id}", "stray brace"),
        ("{id}/{{x}}", "stray brace"),
        ("{id}/{id}", "names a field twice"),
        ("{:a|b}/{id}/{id}", "names a field twice"),
        ("{frame:04d}", "unknown form '04d'"),
        ("{id:s}", "unknown form 's'"),
        ("{id:*}", "unknown form '*'"),
        ("{x:a||b}", "unknown form"),
        ("{x:a/b|c}", "unknown form"),
    ],
)
def test_a_template_that_means_nothing_is_refused_with_the_grammar(template, problem):
    with pytest.raises(UserError, match=r"fields are \{id\}") as caught:
        Template(template)
    assert problem in caught.value.problem
    assert caught.value.code == 2


def test_two_unnamed_fields_are_fine():
    assert Template("{:a|b}/{:c|d}/{id}").match("B/c/1.png") == ("", {"id": "1"})


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("{id}", "010001"),
        ("{id[:2]}", "01"),
        ("{id[-2:]}", "01"),
        ("{id[2:4]}x", "00x"),
        ("{frame:04d}", "0007"),
        ("{id[:2]}-{frame:04d}", "01-0007"),
        ("", ""),
        ("plain", "plain"),
    ],
)
def test_keys_and_scenes_are_filled_from_fields(text, expected):
    assert fill(text, {"id": "010001", "frame": 7}) == expected


def test_names_that_are_no_utf_8_become_text_that_can_be_stored():
    name = os.fsdecode(b"rgb/caf\xe9.png")
    assert Template("rgb/{id}").match(name) == ("", {"id": "caf\\xe9"})
    assert printable(name) == "rgb/caf\\xe9.png"
    assert printable("夜景.png") == "夜景.png"


def test_a_template_travels_to_other_processes():
    template = Template("rgb/{id}")
    template.match("rgb/a.png")
    assert pickle.loads(pickle.dumps(template)) == template


def test_letters_tell_how_much_a_template_asks_of_a_path():
    assert [Template(text).letters for text in ("{path:**}", "{folder}/{id}", "rgb/{id}", "{:Vis|vi}/{id}_co")] == [
        0,
        0,
        3,
        4,
    ]
