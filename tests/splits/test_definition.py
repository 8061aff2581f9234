"""A dataset is one TOML file; whatever is wrong with it is told by file and key."""

import pytest

from shards.errors import UserError
from splits import definition
from splits.definition import get, names, parse

GOOD = """
title = "Demo"
version = 1
[[source]]
name = "llvip"
[split]
by = "group"
seed = 3
fractions = { train = 0.8, test = 0.2 }
"""


@pytest.mark.parametrize("name", names())
def test_every_dataset_that_ships_is_well_formed(name):
    found = get(name)
    assert found.name == name
    assert found.title
    assert found.sources
    assert found.digest == get(name).digest
    assert not found.expect or set(found.expect) <= {"train", "val", "test"}


def test_the_datasets_that_users_are_promised_are_there():
    assert {"m3fd_manual", "m3fd_random", "llvip", "roadscene", "synthetic"} <= set(names())
    manual, chance = get("m3fd_manual"), get("m3fd_random")
    assert (manual.by, manual.published, dict(manual.expect)) == ("list", "m3fd", {"train": 3550, "test": 650})
    assert (chance.by, chance.seed, chance.expect) == ("random", 0, manual.expect)
    assert "this project's choice" in manual.note, "the list is not the authors'"
    road = get("roadscene")
    assert (road.by, road.seed, road.fractions) == ("group", 0, {"train": 0.8, "test": 0.2})
    assert get("llvip").by == "official"


def test_a_definition_is_read_whole():
    found = parse("demo", GOOD)
    assert (found.title, found.version, found.sources, found.by, found.seed) == ("Demo", 1, ("llvip",), "group", 3)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("title", "titel", r"key \(demo.toml, line 2\) named 'titel': did you mean title"),
        ('title = "Demo"', "", "demo.toml lacks 'title'"),
        ("version = 1", "", "demo.toml lacks 'version'"),
        ("version = 1", 'version = "1"', "demo.toml, line 3: 'version' is '1': it must be a whole number"),
        ("version = 1", "version = true", "'version' is True"),
        ('by = "group"', "", "demo.toml, line 6 lacks 'split.by'"),
        (
            'by = "group"',
            'by = "grup"',
            r"way to split \(demo.toml, line 7, split.by\) named 'grup': did you mean group",
        ),
        ("seed", "sed", "named 'split.sed': did you mean split.seed"),
        ("seed = 3", "seed = 0.5", "'split.seed' is 0.5"),
        ("0.8", "0.7", "demo.toml, line 9: split.fractions add up to 0.9"),
        ("train = 0.8, test = 0.2", "train = 1.2, test = -0.2", "demo.toml, line 9: split.fractions gives 'train' 1.2"),
        ("train = 0.8, test = 0.2", "train = 1.0, test = 0.0", "split.fractions gives 'test' 0"),
        ("train = 0.8", "train = nan", "split.fractions gives 'train' nan"),
        ("[split]", "[[source]]\n[split]", "demo.toml, line 6 lacks 'source.name'"),
        (
            "seed = 3",
            'minus = ["kiast:test"]',
            r"dataset \(demo.toml, line 8, split.minus\) named 'kiast': did you mean kaist",
        ),
        ("seed = 3", 'minus = ["no.toml:test"]', "demo.toml, line 8: no.toml does not exist"),
        ("0.8", '"most"', "'split.fractions' is .* it must be a table of numbers"),
        ("{ train = 0.8, test = 0.2 }", "0.8", "'split.fractions' is 0.8"),
        ("fractions = { train = 0.8, test = 0.2 }", "", "split.by = 'group' needs split.fractions"),
        ("[[source]]", "[source]", "'source' is .* it must be a list of tables"),
        ('name = "llvip"', "", "demo.toml, line 4 lacks 'source.name'"),
        ('name = "llvip"', 'nam = "llvip"', "named 'source.nam'"),
        ('name = "llvip"', "name = 3", "'source.name' is 3"),
        ("[split]", "[split", "demo.toml is not TOML"),
    ],
)
def test_what_is_wrong_is_told_by_file_and_key(old, new, said):
    assert old in GOOD
    with pytest.raises(UserError, match=said) as caught:
        parse("demo", GOOD.replace(old, new, 1))
    assert "demo.toml" in str(caught.value)


def test_an_unknown_dataset_gets_the_nearest_and_a_missing_file_is_said(tmp_path):
    with pytest.raises(UserError, match="did you mean roadscene"):
        get("roadscen")
    with pytest.raises(UserError, match=r"nothing.toml does not exist"):
        get(str(tmp_path / "nothing.toml"))


def test_a_file_of_the_user_is_a_dataset_too(tmp_path):
    (tmp_path / "mine.toml").write_text(GOOD)
    assert (get(str(tmp_path / "mine.toml")).name, get(str(tmp_path / "mine.toml")).folder) == ("mine", tmp_path)


def test_a_file_that_is_no_text_is_said(tmp_path):
    (tmp_path / "mine.toml").write_bytes(b'title = "\xff"')
    with pytest.raises(UserError, match=r"mine.toml is not UTF-8 text"):
        get(str(tmp_path / "mine.toml"))


def test_what_is_avoided_counts_from_where_the_file_lies(tmp_path):
    for place in ("a", "b"):
        (tmp_path / place).mkdir()
        (tmp_path / place / "other.toml").write_text(GOOD)
        (tmp_path / place / "mine.toml").write_text(GOOD + 'minus = ["other.toml:test", "kaist"]\n')
    found = get(str(tmp_path / "a/mine.toml"))
    assert found.minus == (f"{tmp_path}/a/other.toml:test", "kaist")
    assert found.digest == get(str(tmp_path / "b/mine.toml")).digest, "wherever both lie"


def test_the_digest_changes_with_what_could_move_a_sample_and_with_nothing_else(tmp_path):
    (tmp_path / "ids.txt").write_text("1\n2\n")
    listed = GOOD.replace('"group"', '"list"').replace(
        "fractions = { train = 0.8, test = 0.2 }", 'lists = { test = "ids.txt" }'
    )
    digests = [parse("demo", GOOD).digest]
    for old, new in (
        ("version = 1", "version = 2"),
        ("seed = 3", "seed = 4"),
        ("llvip", "m3fd"),
        ("0.8, test = 0.2", "0.7, test = 0.3"),
    ):
        digests.append(parse("demo", GOOD.replace(old, new)).digest)
    digests.append(parse("demo", listed, tmp_path).digest)
    (tmp_path / "ids.txt").write_text("1\n3\n")
    digests.append(parse("demo", listed, tmp_path).digest)
    assert len(set(digests)) == len(digests)
    same = GOOD.replace("Demo", "Another title").replace("{ train = 0.8, test = 0.2 }", "{ test = 0.2, train = 0.8 }")
    assert parse("other", same).digest == digests[0]


def test_every_key_has_a_form_that_is_checked():
    for form, _ in definition._KEYS.values():
        assert not definition._fits(object(), form)
