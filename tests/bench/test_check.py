"""The checker tells everything that is wrong at once, by codes, and scores nothing."""

import json
import shutil
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from PIL import Image

import splits
from bench.__main__ import main
from bench.check import _REMEDIES, judge, lines, refuse
from bench.references import of_dataset, of_folder
from bench.submission import Finding, Submission, match
from shards.errors import UserError


@pytest.fixture
def predictions(small_home, tmp_path):
    """Eight good predictions, and the command that checks them."""
    samples = splits.load(str(small_home / "mini.toml"), "test", home=small_home / "home")
    folder = tmp_path / "p"
    folder.mkdir()
    rng = np.random.default_rng(0)
    for i in range(len(samples)):
        Image.fromarray(rng.integers(0, 256, samples[i].infrared.shape, np.uint8)).save(
            folder / f"{samples[i].key}.png"
        )
    return folder


@pytest.fixture
def checked(small_home, predictions, capsys):
    """`checked()`: exit code and the codes found, with their lines."""

    def run(*words: str) -> tuple[int, dict[str, list[str]]]:
        home = ["--dataset", str(small_home / "mini.toml"), "--home", str(small_home / "home")]
        code = main(["check", str(predictions), *home, "--json", "--quiet", *words])
        document = json.loads(capsys.readouterr().out)
        assert document["ok"] == (code == 0)
        found: dict[str, list[str]] = {}
        for finding in document["data"]["findings"]:
            found.setdefault(finding["code"], []).append(f"{finding['subject']} {finding['message']}")
        return code, found

    return run


@pytest.fixture
def scenes_of_equal_stems():
    """References of four scenes: each has a 00000.png, one has a 00007.png beside it."""
    names = ["a/00000", "b/00000", "c/00000", "d/00000", "d/00007"]
    facts = [
        {"key": f"mine-{n.replace('/', '_')}", "source": "mine", "ir_path": f"{n}.png", "vis_size": 0} for n in names
    ]
    samples = SimpleNamespace(title="mine", fingerprint="f", groups={}, partial=False, facts=facts.__getitem__)
    samples = type("Samples", (SimpleNamespace,), {"__len__": lambda _: len(facts)})(**vars(samples))
    return of_dataset(samples, "test")


def plain(folder: Path, *names: str) -> Path:
    """A folder of small pictures, each of other noise."""
    folder.mkdir()
    for seed, name in enumerate(names):
        noise = np.random.default_rng(seed).integers(0, 256, (24, 32), np.uint8)
        Image.fromarray(noise).save(folder / f"{name}.png")
    return folder


def first(folder: Path) -> Path:
    return folder / "folder-test00.png"


def test_good_predictions_pass_with_what_is_worth_knowing(checked):
    code, found = checked()
    assert code == 0
    assert set(found) == {"W06", "W07"}


def test_everything_is_found_in_one_go(predictions, checked):
    names = sorted(predictions.iterdir())
    names[0].unlink()
    names[1].write_bytes(b"no picture")
    Image.fromarray(np.zeros((56, 72), np.uint16)).save(names[2])
    Image.new("L", (72, 20)).save(names[3])
    shutil.copy(names[4], predictions / "stranger.png")
    shutil.copy(names[5], names[7])
    code, found = checked()
    assert code == 1
    assert {"E01", "E02", "E03", "E04", "E05", "E07"} <= set(found)
    assert "folder-test00" in found["E01"][0]
    assert "2 of 4 predictions are copies" in found["E07"][0]


def test_a_leak_is_named_with_where_it_comes_from(small_home, predictions, checked):
    train = splits.load(str(small_home / "mini.toml"), "train", home=small_home / "home")
    test = splits.load(str(small_home / "mini.toml"), "test", home=small_home / "home")
    sample = next(train[i] for i in range(24) if train[i].size == test[0].size)
    Image.fromarray(sample.infrared).save(first(predictions))
    Image.fromarray(test[1].infrared).save(predictions / f"{test[1].key}.png")
    code, found = checked()
    assert code == 1
    assert found["E09"] == [f"folder-test00.png equals the infrared image of {sample.key} (train)"]
    assert found["E08"] == ["folder-test01.png equals its reference"]


def test_controls_may_repeat_themselves(predictions, checked):
    for path in predictions.iterdir():
        Image.new("L", Image.open(path).size, 128).save(path)
    code, found = checked()
    assert code == 1
    assert "W05" in found
    (predictions / "submission.json").write_text(json.dumps({"model": {"family": "control"}}))
    code, found = checked()
    assert code == 0
    assert "E07" not in found


def test_what_is_let_pass_is_still_told(predictions, checked):
    names = sorted(predictions.iterdir())
    exif = Image.Exif()
    exif[0x010E] = "a description"
    Image.open(names[0]).save(names[0], exif=exif)
    Image.open(names[1]).save(names[1].with_suffix(".jpg"), quality=95)
    names[1].unlink()
    tinted = np.repeat(np.asarray(Image.open(names[2]))[..., None] // 2, 3, axis=2)
    tinted[..., 0] += 3
    Image.fromarray(tinted).save(names[2])
    Image.open(names[3]).resize((160, 128)).save(names[3])
    code, found = checked()
    assert code == 0
    assert set(found) == {"W01", "W02", "W03", "W04", "W06", "W07"}
    assert "1 of 8" in found["W01"][0]


def test_declared_colour_is_let_pass(predictions, checked):
    Image.fromarray(np.random.default_rng(1).integers(0, 256, (56, 72, 3), np.uint8)).save(first(predictions))
    assert checked()[0] == 1
    (predictions / "submission.json").write_text(json.dumps({"colour": "rgb"}))
    assert checked()[0] == 0


def test_a_submission_for_something_else_is_refused(predictions, checked):
    (predictions / "submission.json").write_text(json.dumps({"dataset": "m3fd_manual", "split": "test"}))
    code, found = checked()
    assert code == 1
    assert found["E06"] == ["submission.json made for dataset m3fd_manual, these are the references of mini"]


def test_plain_folders_are_checked_too(predictions, tmp_path, capsys):
    words = ["check", str(predictions), "--reference", str(predictions), "--home", str(tmp_path)]
    assert main(words) == 0, "told, but nobody is suspected"
    found = capsys.readouterr().out
    assert "E08 folder-test00.png: equals its reference" in found
    assert found.splitlines()[-1] == "8 of 8 predictions, matched by stem: no rule is broken"
    assert main(["check", str(predictions), "--home", str(tmp_path)]) == 2


def test_a_folder_that_is_not_there_is_one_line(tmp_path, small_home, capsys):
    words = ["--dataset", str(small_home / "mini.toml"), "--home", str(small_home / "home")]
    assert main(["check", str(tmp_path / "nothing"), *words]) == 1
    assert "is not a folder" in capsys.readouterr().err


def test_long_lists_are_cut_by_code():
    findings = [Finding("E03", f"{i}.png", "broken") for i in range(25)] + [Finding("W06", "", "few")]
    shown = lines(findings)
    assert len(shown) == 22
    assert shown[-2:] == ["E03: and 5 more", "W06: few"]


def test_a_refusal_names_three_and_what_to_do(tmp_path):
    findings = [Finding("E03", f"{i}.png", "broken") for i in range(5)]
    submission = Submission(tmp_path, {}, "key")
    with pytest.raises(UserError, match=r"E03 0.png: broken; .*; and 2 more, .*: write 8-bit grey PNGs"):
        refuse(findings, submission)
    refuse([Finding("W01", "", "lossy")], submission)


def test_every_rule_has_a_remedy():
    assert set(_REMEDIES) == {f"E0{i}" for i in range(1, 10)}


def test_nothing_seen_is_nothing_to_judge():
    assert [finding.code for finding in judge([], {})] == ["W06"]


@pytest.mark.parametrize(
    ("about", "says"),
    [
        ({"schema": "ir500k.submission/9"}, "E06 submission.json: is of schema ir500k.submission/9"),
        ({"n": 9}, "E06 submission.json: speaks of 9 pictures, 8 are here"),
        ({"fingerprint": "abc"}, "E06 submission.json: made for fingerprint abc"),
        ({"model": "me"}, "`model` is not an object"),
        ({"model": {"label": 7}}, "`model` is not an object with name, label, family, preset as texts"),
        ({"n": 7}, "E06 submission.json: speaks of 7 pictures, 8 are here"),
        ({"n": [8]}, "E06 submission.json: speaks of [8] pictures, 8 are here"),
        ({"notes": None}, "`notes` is not a list of texts"),
        ({"notes": "hello"}, "`notes` is not a list of texts"),
        ({"colour": "gray"}, "`colour` is none of grey, rgb and colormap:NAME"),
        ({"colour": "Grey"}, "`colour` is none of grey, rgb and colormap:NAME"),
        ({"colour": None}, "`colour` is none of grey, rgb and colormap:NAME"),
    ],
)
def test_what_submission_json_says_must_fit(about, says, predictions, small_home, capsys):
    (predictions / "submission.json").write_text(json.dumps(about))
    words = ["--dataset", str(small_home / "mini.toml"), "--home", str(small_home / "home")]
    assert main(["check", str(predictions), *words]) == 1
    found = capsys.readouterr()
    assert says in found.out + found.err


def test_one_grey_level_in_many_sizes_is_a_collapse(predictions, small_home, capsys):
    for path in predictions.glob("*.png"):
        with Image.open(path) as picture:
            size = picture.size
        Image.new("L", size, 90).save(path)
    words = ["--dataset", str(small_home / "mini.toml"), "--home", str(small_home / "home")]
    assert main(["check", str(predictions), *words]) == 1
    assert "E07: 8 of 8 predictions are copies of each other" in capsys.readouterr().out


def test_the_number_of_all_pictures_fits_where_some_belong_to_another_subset(predictions, small_home, checked):
    train = splits.load(str(small_home / "mini.toml"), "train", home=small_home / "home")
    Image.fromarray(255 - train[0].infrared).save(predictions / f"{train[0].key}.png")
    for count, expected in ((9, 0), (8, 0), (10, 1)):
        (predictions / "submission.json").write_text(json.dumps({"n": count, "colour": "colormap:inferno"}))
        code, found = checked()
        assert (code, "E06" in found) == (expected, bool(expected))
        assert "W08" in found


def test_a_stem_of_several_samples_matches_none_of_them(tmp_path, scenes_of_equal_stems):
    found = match(plain(tmp_path / "p", "00000"), scenes_of_equal_stems, allow_missing=True)
    assert not found.files
    assert "several samples are called 00000: name those files by the dataset's keys" in found.findings[0].message
    found = match(plain(tmp_path / "q", "00000", "00007"), scenes_of_equal_stems, allow_missing=True)
    assert list(found.files) == ["mine-d_00007"]
    assert [finding.code for finding in found.findings] == ["E02"]


def test_a_suffix_that_no_file_has_is_the_first_finding(checked):
    code, found = checked("--suffix", "_fake_B")
    assert code == 1
    assert "8 of 8 predictions are missing" in found["E01"][0]
    assert found["E01"][0].endswith("holds folder-test00, folder-test01, folder-test02, ...: none ends in _fake_B")


def test_one_draw_is_there_once(tmp_path, capsys):
    references = plain(tmp_path / "r", "im00")
    words = ["--reference", str(references), "--home", str(tmp_path / "home")]
    assert main(["check", str(plain(tmp_path / "p", "im00__s0", "im00__s00")), *words]) == 1
    assert "im00__s0.png and im00__s00.png are one draw" in capsys.readouterr().err


def test_references_may_be_called_like_draws(tmp_path):
    names = [f"cam__s0{i}" for i in range(3)]
    found = match(plain(tmp_path / "p", *names), of_folder(plain(tmp_path / "r", *names)))
    assert list(found.files) == names
    assert not found.findings


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (b"im00,caf\xe9\nim01,b\n", "is not UTF-8"),
        (b"im00,a\nim01,\n", "has an empty scene for im01"),
        (b"im00,a\nim01,b\nim00,c\n", "puts im00 into two scenes, a and c"),
    ],
)
def test_a_list_of_scenes_that_makes_no_sense_is_one_line(text, says, tmp_path, capsys):
    references = plain(tmp_path / "r", "im00", "im01")
    (tmp_path / "scenes.csv").write_bytes(text)
    words = ["check", str(references), "--reference", str(references), "--scenes", str(tmp_path / "scenes.csv")]
    assert main([*words, "--home", str(tmp_path)]) == 1
    assert says in capsys.readouterr().err


def test_a_list_of_scenes_may_begin_with_a_byte_order_mark(tmp_path):
    references = plain(tmp_path / "r", "im00", "im01")
    (tmp_path / "scenes.csv").write_text("im00,a\nim01,a\nim00,a\n", encoding="utf-8-sig")
    assert of_folder(references, tmp_path / "scenes.csv").scenes == {"im00": "a", "im01": "a"}


def test_a_dataset_takes_no_list_of_scenes(predictions, small_home, tmp_path, capsys):
    words = ["--dataset", str(small_home / "mini.toml"), "--home", str(small_home / "home")]
    assert main(["check", str(predictions), *words, "--scenes", str(tmp_path / "scenes.csv")]) == 2
    assert "--scenes goes with --reference" in capsys.readouterr().err
