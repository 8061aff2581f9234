"""`ingest sources` lists what there is, what its licence allows, and how much of it is here."""

import json

import pytest

from ingest.__main__ import main
from ingest.catalogue import as_markdown
from ingest.source import get, sources


def test_every_source_is_listed_with_its_terms(home, capsys):
    assert main(["sources", "--home", str(home.root)]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].split() == ["source", "pairs", "ingested", "band", "view", "share", "licence"]
    assert [line.split()[0] for line in lines[1:]] == list(sources())
    assert not home.root.exists()


def test_what_is_ingested_is_counted_without_failed_rows(make_llvip, tmp_path, home, take, capsys):
    raw = make_llvip(tmp_path / "LLVIP")
    (raw / "visible/train/010001.jpg").write_bytes(b"")
    take("llvip", raw, home)
    capsys.readouterr()
    assert main(["sources", "--home", str(home.root), "--json"]) == 0
    rows = {row["name"]: row for row in json.loads(capsys.readouterr().out)["data"]["sources"]}
    assert (rows["llvip"]["ingested"], rows["m3fd"]["ingested"]) == (8, 0)
    assert (rows["llvip"]["pairs"], rows["llvip"]["redistribute"]) == (15_488, False)


def test_the_page_is_what_the_command_prints(capsys):
    assert main(["sources", "--markdown"]) == 0
    assert capsys.readouterr().out == as_markdown(sources().values())


@pytest.mark.parametrize("name", ["llvip", "hit_uav"])
def test_the_page_has_a_section_for_each_with_layouts_and_citation(name):
    source = get(name)
    _, section = as_markdown([source]).split(f"## {name}\n")
    assert all(f"`{layout}`" in section for layout in source.layouts)
    assert f"* cite: {source.citation}" in section
    assert f"* page: <{source.page}>" in section
