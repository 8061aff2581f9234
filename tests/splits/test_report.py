"""`splits audit` says what leaks, for people and for machines, and its exit code says whether it is too much."""

import json
import re

import cv2
import pyarrow.parquet as pq
import pytest

from splits.__main__ import main

TORN = (
    'title = "Torn"\nversion = 1\n[[source]]\nname = "llvip"\n'
    '[split]\nby = "random"\nfractions = { train = 0.6, test = 0.4 }\n'
)


@pytest.fixture
def audit(llvip_home, tmp_path, capsys):
    """`audit(words)`: exit code, stdout and stderr; TORN stands for a dataset that leaks."""
    (tmp_path / "torn.toml").write_text(TORN)

    def run(*words, home=llvip_home.root):
        named = [str(tmp_path / "torn.toml") if word == "TORN" else str(word) for word in words]
        code = main(["audit", *named, "--home", str(home)])
        said = capsys.readouterr()
        return code, said.out, said.err

    return run


@pytest.fixture
def nowhere(tmp_path):
    """A home where nothing is."""
    return tmp_path / "nowhere"


def test_a_leak_is_told_by_kind_with_the_worst_pairs_and_is_exit_1(audit, llvip_home):
    code, out, _ = audit("TORN")
    assert code == 1
    assert re.search(r"test against train: \d of 4 images leak", out)
    assert re.search(r"^the same scene +\d +\d+\.\d%$", out, re.MULTILINE)
    assert "worst: tested" in out
    assert "is more than --max-leak 0.0%" in out
    data = json.loads(audit("TORN", "--json")[1])["data"]
    edges = pq.read_table(data["edges"]).to_pylist()
    (found,) = data["comparisons"]
    assert data["edges"].startswith(str(llvip_home.splits / "torn" / "audit"))
    assert len({edge["first"] for edge in edges}) == found["leaking"]
    assert {edge["kind"] for edge in edges} == {kind for kind, known in found["kinds"].items() if known["images"]}
    assert found["worst"][0].keys() >= {"tested", "seen", "kind", "side", "variant", "distance", "measure", "score"}


def test_a_leak_that_is_allowed_is_exit_0(audit, tmp_path):
    code, out, _ = audit("TORN", "--max-leak", "1", "--edges", tmp_path / "edges.parquet")
    assert code == 0
    assert "more than" not in out
    assert (tmp_path / "edges.parquet").is_file()


def test_msrs_is_audited_by_names_without_home_or_images(audit, nowhere):
    code, out, _ = audit("msrs", "--ids-only", "--frames", "1", home=nowhere)
    assert code == 1
    assert re.search(r"^neighbours in time +359 +99\.4%$", out, re.MULTILINE)
    data = json.loads(audit("msrs", "--ids-only", "--json", home=nowhere)[1])["data"]
    (found,) = data["comparisons"]
    assert (found["total"], found["neighbours"]["1"], found["neighbours"]["2"], found["neighbours"]["3"]) == (
        361,
        359,
        360,
        361,
    )
    assert audit("m3fd_manual", "--ids-only", home=nowhere)[0] == 0, "a split that does not leak"
    assert not nowhere.exists()


def test_any_two_lists_are_audited_by_names(audit, nowhere):
    words = ("--train", "ir500k_pairs", "--test", "flir_aligned", "--ids-only", "--json")
    code, out, _ = audit(*words, home=nowhere)
    (found,) = json.loads(out)["data"]["comparisons"]
    assert (code, found["total"]) == (1, 1_013)
    assert found["kinds"]["file"]["images"] == 823, "of those that upstream trains on, the train side of the list"


@pytest.mark.parametrize(
    ("train", "code", "leaking", "sequences"), [("ir500k_pairs", 1, 7_083, 177), ("ir500k_pairs_clean", 0, 0, 0)]
)
def test_a_test_side_of_sequences_has_no_total(audit, nowhere, train, code, leaking, sequences):
    found, out, _ = audit("--train", train, "--test", "vtuav", "--ids-only", home=nowhere)
    assert found == code
    said = (
        f"test against train: {leaking:,} images leak, from {sequences} of its 250 sequences; its images are not listed"
    )
    assert said in out


def test_folders_are_audited_without_a_home(audit, nowhere, tmp_path, view, edits):
    for name, pixels in (("a", view(0)), ("b", edits["half size"](view(0)))):
        (tmp_path / name).mkdir()
        cv2.imwrite(str(tmp_path / name / "1.png"), pixels)
    code, out, _ = audit("--folder", tmp_path / "a", tmp_path / "b", home=nowhere)
    assert code == 1
    assert re.search(r"^near-duplicates +1 +100\.0%$", out, re.MULTILINE)
    assert not nowhere.exists()


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        ((), 2, "audit needs one of DATASET, --train LIST --test LIST, and --folder TRAIN TEST"),
        (("llvip", "--train", "a", "--test", "b"), 2, "audit needs one of"),
        (("--train", "llvip"), 2, "audit needs one of"),
        (("--folder", "a", "b", "--ids-only"), 2, "audit needs one of"),
        (("msrs", "--ids-only", "--edges", "e"), 2, "--edges does nothing with --ids-only: leave one of them out"),
        (("msrs", "--ids-only", "--embeddings", "dinov2", "--partial"), 2, "--embeddings and --partial do nothing"),
        (("--folder", "a", "b", "--frames", "3"), 2, "--frames does nothing with --folder"),
        (("--folder", "a", "b", "--partial"), 2, "--partial does nothing with --folder"),
        (("--train", "a.txt", "--test", "b.txt", "--partial"), 2, "--partial does nothing with --train"),
        (("TORN", "--max-leak", "5"), 2, "--max-leak 5 is no share: give a number from 0 to 1"),
        (("TORN", "--frames", "0"), 2, "'0' is not a whole number"),
        (("--folder", "nowhere", "b"), 1, "folder nowhere does not exist"),
        (("roadscene",), 1, "roadscene needs source roadscene, which is not ingested"),
        (("roadscene", "--ids-only"), 1, "the images of roadscene's subsets are not published as lists"),
        (("vtuav", "--ids-only"), 1, "not published as lists"),
        (("lvip",), 2, "did you mean llvip"),
    ],
)
def test_what_cannot_be_audited_is_one_line(audit, words, code, said):
    found, _, error = audit(*words)
    assert (found, error.count("\n")) == (code, 1)
    assert said in error
