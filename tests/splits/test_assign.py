"""Each way to split puts each sample on one side, or says why it cannot."""

import pytest

from shards.errors import UserError
from splits.assign import Rows, assign, without
from splits.definition import parse

HEAD = 'title = "T"\nversion = 1\n[[source]]\nname = "{source}"\n[split]\n'


def defined(split, source="llvip", folder=None):
    return parse("t", HEAD.format(source=source) + split, folder)


def rows(keys, subsets="all", groups=None):
    return Rows(keys, [subsets] * len(keys), list(groups or keys))


def test_official_sides_are_the_publisher_s():
    chosen = assign(defined('by = "official"'), Rows(["a", "b"], ["train", "test"], ["g", "g"]), {}, partial=False)
    assert chosen == {"a": "train", "b": "test"}


GROUPS = 'by = "group"\nseed = 0\nfractions = { train = 0.75, test = 0.25 }\n'


def test_groups_stay_whole():
    keys = [f"llvip-{n:06d}" for n in range(40)]
    chosen = assign(defined(GROUPS), rows(keys, groups=[f"g{n // 4}" for n in range(40)]), {}, partial=False)
    sides = {f"g{n // 4}": {chosen[keys[m]] for m in range(40) if m // 4 == n // 4} for n in range(40)}
    assert all(len(side) == 1 for side in sides.values())
    assert sum(side == "test" for side in chosen.values()) in (8, 12)


def test_scenarios_give_each_side_its_share():
    keys = [f"msrs-{n:05d}{'dn'[n % 4 == 0]}" for n in range(80)]
    chosen = assign(defined(f'{GROUPS}balance = "([dn])$"', "msrs"), rows(keys), {}, partial=False)
    for light, count in (("d", 60), ("n", 20)):
        assert sum(chosen[key] == "test" for key in keys if key.endswith(light)) == count // 4


def test_groups_that_were_built_before_stay_where_they_were(capsys):
    keys = [f"llvip-{n:06d}" for n in range(8)]
    before = {key: ("test" if n < 6 else "train") for n, key in enumerate(keys)}
    more = [*keys, *(f"llvip-{n:06d}" for n in range(10, 42))]
    chosen = assign(defined(GROUPS), rows(more), before, partial=False)
    assert {key: chosen[key] for key in keys} == before
    assert sum(side == "test" for side in chosen.values()) == 10
    assert capsys.readouterr().err == ""


def test_samples_that_were_drawn_before_stay_where_they_were():
    keys = [f"llvip-{n:06d}" for n in range(8)]
    before = {key: ("test" if n < 2 else "train") for n, key in enumerate(keys)}
    split = defined('by = "random"\nseed = 0\nfractions = { train = 0.75, test = 0.25 }')
    chosen = assign(split, rows([*keys, *(f"llvip-{n:06d}" for n in range(8, 40))]), before, partial=False)
    assert {key: chosen[key] for key in keys} == before
    assert sum(side == "test" for side in chosen.values()) == 10


def test_groups_that_grew_together_go_where_most_of_them_were(capsys):
    keys = ["a", "b", "c", "d", "e"]
    before = {"a": "test", "b": "train", "c": "train", "d": "test"}
    chosen = assign(defined(GROUPS), rows(keys, groups=["one", "one", "one", "d", "e"]), before, partial=False)
    assert chosen == {"a": "train", "b": "train", "c": "train", "d": "test", "e": "train"}
    assert "1 groups have grown together across sides since the last build" in capsys.readouterr().err


def test_a_list_takes_what_it_names_under_any_name_of_the_picture(tmp_path):
    (tmp_path / "a.txt").write_text("FLIR_00006\n")
    (tmp_path / "b.txt").write_text("FLIR_video_00500\n")
    split = 'by = "list"\nlists = { train = "a.txt", test = "b.txt" }'
    keys = ["roadscene-flir_00006", "roadscene-flir_video_00500", "roadscene-flir_00018"]
    listed = assign(defined(split, "roadscene", tmp_path), rows(keys), {}, partial=False)
    assert listed == {keys[0]: "train", keys[1]: "test"}
    other = assign(defined(split, "flir_aligned", tmp_path), rows(keys), {}, partial=False)
    assert other == listed, "FLIR-aligned's numbers are RoadScene's"


def test_ids_that_nobody_knows_are_an_error_and_with_partial_are_left_out(tmp_path):
    (tmp_path / "a.txt").write_text("000001\n999999\n")
    split = defined('by = "list"\nlists = { train = "a.txt" }', folder=tmp_path)
    with pytest.raises(UserError, match=r"1 of its listed images are not ingested \(999999, \.\.\.\).*--partial"):
        assign(split, rows(["llvip-000001"]), {}, partial=False)
    assert assign(split, rows(["llvip-000001"]), {}, partial=True) == {"llvip-000001": "train"}


def test_sequences_go_where_their_list_says_and_the_others_to_the_rest(tmp_path):
    (tmp_path / "a.txt").write_text("bus_001\n")
    split = defined('by = "sequence"\nrest = "test"\nlists = { train = "a.txt" }', "vtuav", tmp_path)
    chosen = assign(split, rows(["vtuav-bus_001-000000", "vtuav-car_002-000010"]), {}, partial=False)
    assert list(chosen.values()) == ["train", "test"]


def test_samples_whose_names_tell_no_sequence_have_a_declared_one_or_are_left_out_with_a_word(tmp_path, capsys):
    (tmp_path / "a.txt").write_text("bus1_sample\n")
    split = defined('by = "sequence"\nrest = "test"\nlists = { train = "a.txt" }', "vtuav", tmp_path)
    keys, groups = ["vtuav-bus1_sample-000001", "vtuav-odd-1"], ["vtuav/bus1_sample", "vtuav/odd"]
    assert list(assign(split, rows(keys, groups=groups), {}, partial=False).values()) == ["train", "test"]
    assert capsys.readouterr().err == (
        "t: 1 samples go to 'test': their sequences, such as odd, have no published name\n"
    )
    none = rows(keys, groups=["vtuav/bus1_sample", "vtuav/"])
    with pytest.raises(UserError, match=r"t: 1 samples tell no sequence \(vtuav-odd-1, .*--partial"):
        assign(split, none, {}, partial=False)
    assert assign(split, none, {}, partial=True) == {keys[0]: "train"}
    assert capsys.readouterr().err == "t: 1 samples are left out, they tell no sequence (vtuav-odd-1, ...)\n"
    with pytest.raises(UserError, match="t would be empty"):
        assign(split, rows(keys[1:], groups=["vtuav/"]), {}, partial=True)


def test_minus_leaves_out_every_group_that_touches_what_it_avoids(home):
    keys = ["flir_aligned-flir_08864", "flir_aligned-flir_00002", "flir_aligned-flir_00139", "roadscene-flir_08865"]
    groups = dict(zip(keys, ["dusk", "dusk", "noon", "dusk"], strict=True))
    split = defined('by = "random"\nfractions = { train = 1.0 }\nminus = ["flir_aligned:test"]', "flir_aligned")
    assert without(dict.fromkeys(keys[:3], "train"), split, groups, home) == {keys[2]: "train"}
