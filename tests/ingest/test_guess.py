"""`ingest guess` tells which source a raw folder is, also where it is an archive."""

import importlib
import json
import zipfile

import pytest

from ingest.__main__ import main
from ingest.layout import guess
from ingest.source import sources
from ingest.tree import open_tree

ANY_FOLDER = {"ir_folder", "raytron", "synthetic"}
"""What takes whatever there is, or is made and not downloaded."""


@pytest.mark.parametrize("name", sorted(set(sources()) - ANY_FOLDER))
def test_every_publisher_s_tree_is_guessed_first(name, tmp_path):
    importlib.import_module(f"publishers.{name}").tree(tmp_path)
    found = [source for source, _ in guess(open_tree(tmp_path))]
    assert found[:1] == [name]


REAL = {
    "FMB": "fmb",
    "HIT-UAV": "hit_uav",
    "KAIST": "kaist",
    "LLVIP": "llvip",
    "M3FD_Detection": "m3fd",
    "M3SVD": "m3svd",
    "MFNet": "mfnet",
    "MSRS": "msrs",
    "RoadScene": "roadscene",
    "TNO": "tno",
    "VEDAI": "vedai",
    "VTUAV": "vtuav",
}


@pytest.mark.parametrize("folder", REAL)
def test_every_real_download_is_guessed_first(folder, raw_data):
    assert guess(open_tree(raw_data / folder))[0][0] == REAL[folder]


def test_a_zip_is_guessed_as_it_lies(make_llvip, tmp_path, capsys):
    folder = make_llvip(tmp_path / "LLVIP")
    with zipfile.ZipFile(tmp_path / "LLVIP.zip", "w") as file:
        for path in sorted(folder.rglob("*.jpg")):
            file.write(path, path.relative_to(tmp_path))
    assert main(["guess", str(tmp_path / "LLVIP.zip"), "--json"]) == 0
    (best, *_) = json.loads(capsys.readouterr().out)["data"]["sources"]
    assert (best["name"], best["pairs"], best["published_pairs"]) == ("llvip", 9, 15_488)


def test_the_next_command_is_told(llvip_raw, capsys):
    assert main(["guess", str(llvip_raw)]) == 0
    assert capsys.readouterr().out.endswith(f"next: python -m ingest check llvip {llvip_raw}\n")


def test_what_no_source_knows_is_exit_1_with_a_way_out(save, tmp_path, capsys):
    save(tmp_path / "a/1.png", 1)
    assert main(["guess", str(tmp_path)]) == 1
    assert "`ingest folder` and `ingest ir_folder`" in capsys.readouterr().out
