"""A build is pinned: named by its content, marked when partial, and never changed behind one's back."""

import cv2
import pyarrow.parquet as pq
import pytest

from shards.errors import UserError
from shards.manifest import Manifest
from splits.build import build
from splits.definition import get, parse
from splits.pinned import fingerprint, pin, pinned

OFFICIAL = """
title = "Tiny"
version = 1
[[source]]
name = "llvip"
[split]
by = "official"
"""
GROUP = OFFICIAL.replace('"official"', '"group"\nfractions = { train = 0.7, test = 0.3 }')
RANDOM = GROUP.replace('"group"', '"random"')
LIST = OFFICIAL.replace('"official"', '"list"\nlists = { train = "train.txt", test = "test.txt" }')


@pytest.fixture
def make(llvip_home, tmp_path):
    """`make(text)`: the build of a definition on the tiny LLVIP."""

    def call(text, **options):
        with Manifest.open(llvip_home) as manifest:
            return build(parse("tiny", text, tmp_path), llvip_home, manifest, **options)

    return call


def row(key, *, passed=True, byte="b", pixel="p"):
    return {"key": key} | {
        f"{side}_{name}": value
        for side in ("vis", "ir")
        for name, value in (("passed", passed), ("sha256", byte), ("pixels", pixel))
    }


def test_a_fingerprint_follows_content_and_not_order():
    rows = [row("a"), row("b"), row("c", passed=False)]
    assert fingerprint(rows) == fingerprint(reversed(rows))
    others = [
        rows[:2],
        [row("x"), *rows[1:]],
        [row("a", byte="z"), *rows[1:]],
        [*rows[:2], row("c", passed=False, pixel="z")],
    ]
    assert len({fingerprint(rows), *map(fingerprint, others)}) == 5


def test_bytes_passed_through_count_as_bytes_and_others_as_pixels():
    assert fingerprint([row("a", pixel="z")]) == fingerprint([row("a")])
    assert fingerprint([row("a", passed=False, byte="z")]) == fingerprint([row("a", passed=False)])


def test_an_official_split_is_the_publisher_s(make):
    built = make(OFFICIAL)
    assert dict(built.counts) == {"train": 6, "test": 3}
    assert set(built.members("test")) == {f"llvip-{n:06d}" for n in (530006, 530007, 530008)}
    assert set(built.members("test").values()) == {"llvip/53"}


def test_a_group_split_keeps_scenes_whole(make):
    built = make(GROUP)
    sides = [set(built.members(subset).values()) for subset in ("train", "test")]
    assert (len(sides[0]), len(sides[1]), sides[0] & sides[1]) == (2, 1, set())
    assert dict(built.counts) == {"train": 6, "test": 3}


def test_a_random_split_does_not(make):
    assert sum(make(RANDOM).counts.values()) == 9


@pytest.mark.parametrize("partial", [False, True])
def test_samples_drawn_once_stay_where_they_are_unless_that_build_was_partial(make, llvip_home, tmp_path, partial):
    drawn = {key: subset for subset in ("train", "test") for key in make(RANDOM).members(subset)}
    sides = {"train": "test", "test": "train"}
    # As if only these had been there, and chance had put them on the other sides.
    last = {key: sides[drawn[key]] for key in (*sorted(drawn)[:2], next(k for k in drawn if drawn[k] == "test"))}
    with Manifest.open(llvip_home) as manifest:
        pin(
            parse("tiny", RANDOM, tmp_path),
            llvip_home,
            manifest,
            dict.fromkeys(last, "llvip/01"),
            last,
            partial=partial,
        )
    built = make(RANDOM)
    now = {key: subset for subset in ("train", "test") for key in built.members(subset)}
    assert (now.items() >= last.items(), now == drawn) == (not partial, partial)
    assert dict(built.counts) == {"train": 6, "test": 3}


def test_shares_that_whole_groups_miss_are_told(make, capsys):
    make(GROUP.replace("train = 0.7, test = 0.3", "train = 0.5, test = 0.5"))
    told = "tiny: whole groups give test 33.3% where 50.0% is asked, train 66.7% where 50.0% is asked\n"
    assert capsys.readouterr().err == told


def test_a_list_split_takes_what_the_lists_name(make, tmp_path):
    (tmp_path / "train.txt").write_text("010000\n{530006..530007}\n")
    (tmp_path / "test.txt").write_text("010001\n")
    built = make(LIST)
    assert list(built.members("train")) == ["llvip-010000", "llvip-530006", "llvip-530007"]
    assert (built.counts["test"], built.partial) == (1, False)


def test_an_image_on_two_lists_is_an_error(make, tmp_path):
    (tmp_path / "train.txt").write_text("010000\n")
    (tmp_path / "test.txt").write_text("010000\n")
    with pytest.raises(UserError, match="010000 stands in 'train' and in 'test'"):
        make(LIST)


def test_images_that_are_missing_need_a_word_and_leave_a_mark(make, tmp_path):
    (tmp_path / "train.txt").write_text("010000\n{990000..990009}\n")
    (tmp_path / "test.txt").write_text("010001\n")
    with pytest.raises(UserError, match=r"10 of its listed images are not ingested \(990000, .*--partial"):
        make(LIST)
    built = make(LIST, partial=True)
    assert (dict(built.counts), built.partial) == ({"train": 1, "test": 1}, True)


def test_counts_that_are_not_the_expected_ones_likewise(make):
    text = f"{OFFICIAL}\n[expect]\ntrain = 12025\ntest = 3\n"
    with pytest.raises(UserError, match="tiny has 6 samples in 'train', 12,025 belong there"):
        make(text)
    assert make(text, partial=True).partial
    assert not make(text.replace("12025", "6"), partial=True).partial, "nothing is missing"


def test_a_source_that_is_not_ingested_names_the_command(make):
    with pytest.raises(
        UserError, match=r"tiny needs source m3fd, which is not ingested in .*`python -m ingest m3fd RAW`"
    ):
        make(OFFICIAL.replace("llvip", "m3fd"))


def test_a_source_that_another_version_ingested_says_so(home):
    import pyarrow as pa
    import pyarrow.parquet as pq

    folder = home.shards / "llvip"
    folder.mkdir(parents=True)
    pq.write_table(pa.table({"key": ["llvip-010001"]}), folder / "train-00000.parquet")
    with Manifest.open(home) as manifest, pytest.raises(UserError, match=r"another version .*--replace"):
        build(parse("tiny", OFFICIAL, home.root), home, manifest)


def test_a_source_without_a_good_sample_is_an_error(home, save, take, tmp_path, capsys):
    save(tmp_path / "raw/rgb/1.png", 0)
    take("folder", tmp_path / "raw", home)
    (tmp_path / "raw/ir").mkdir()
    save(tmp_path / "raw/ir/1.png", 0)
    take("folder", tmp_path / "raw", home)
    for text in (OFFICIAL, GROUP, RANDOM):
        with Manifest.open(home) as manifest, pytest.raises(UserError, match="tiny would be empty"):
            build(parse("tiny", text.replace("llvip", "folder")), home, manifest)


def test_the_same_build_is_the_same_file_and_another_stands_beside_it(make, llvip_home):
    first = make(OFFICIAL)
    data = first.path.read_bytes()
    assert make(OFFICIAL) == first
    assert first.path.read_bytes() == data
    second = make(GROUP.replace("0.7", "0.3").replace("test = 0.3", "test = 0.7"))
    assert second.fingerprint != first.fingerprint
    folder = llvip_home.splits / "tiny"
    assert sorted(p.stem for p in folder.glob("*.parquet")) == sorted([first.fingerprint, second.fingerprint])
    current = parse("tiny", OFFICIAL)
    assert pinned(current, llvip_home) == second, "the latest build is the current one"
    assert pinned(current, llvip_home, first.fingerprint[:8]) == first
    with pytest.raises(UserError, match="no build of tiny named 'ffff'"):
        pinned(current, llvip_home, "ffff")


def test_what_is_not_built_is_not_there(home):
    assert pinned(get("llvip"), home) is None


def test_an_unknown_subset_gets_the_nearest(make):
    with pytest.raises(UserError, match="no subset of tiny named 'tset': did you mean test"):
        make(OFFICIAL).members("tset")


ONE_SCENE = GROUP.replace('"llvip"', '"folder"').replace('"group"', '"group"\nseed = 0')


def test_a_single_giant_group_cannot_be_split_and_its_edge_is_named(home, take, tmp_path, view, capsys):
    for side, seed in (("rgb", 1), ("ir", 2)):
        (tmp_path / "raw" / side).mkdir(parents=True)
        for number in range(4):  # a camera that moves aside, step by step
            cv2.imwrite(str(tmp_path / f"raw/{side}/{number}.png"), view(seed, shift=5 * number))
    assert take("folder", tmp_path / "raw", home) == 0
    wanted = (
        r"subset 'test' stays empty: 4 samples lie in 1 groups, the largest, folder/0, with 4; its weakest edge is "
    )
    wanted += r"that folder-\d and folder-\d are near-duplicates: a group cannot be cut; choose other fractions or more"
    with Manifest.open(home) as manifest, pytest.raises(UserError, match=wanted):
        build(parse("tiny", ONE_SCENE), home, manifest)


def test_a_subset_of_which_nothing_is_ingested_is_told(make, tmp_path, capsys):
    (tmp_path / "train.txt").write_text("010000\n")
    (tmp_path / "test.txt").write_text("990000\n")
    with pytest.raises(UserError, match="1 of its listed images are not ingested"):
        make(LIST)
    built = make(LIST, partial=True)
    assert capsys.readouterr().err == "tiny: none of the images of 'test' is ingested\n"
    with pytest.raises(UserError, match="no subset of tiny named 'test': there are: train"):
        built.members("test")


def test_edges_are_kept_beside_the_build(make, llvip_home):
    built = make(GROUP)
    rows = pq.read_table(llvip_home.splits / "tiny" / "edges" / built.path.name).to_pylist()
    assert {row["kind"] for row in rows} == {"scene"}
    assert len(rows) == 9 - 3
