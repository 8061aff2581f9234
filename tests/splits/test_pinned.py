"""A build whose file is damaged is one line, and is built anew."""

import pytest

from shards.errors import UserError
from splits.__main__ import main
from splits.definition import get
from splits.pinned import pinned


@pytest.mark.parametrize("damage", ["all", "middle"])
def test_a_damaged_build_is_named_and_built_anew(llvip_home, tmp_path, capsys, damage):
    toml = tmp_path / "tiny.toml"
    toml.write_text('title = "Tiny"\nversion = 1\n[[source]]\nname = "llvip"\n[split]\nby = "official"\n')
    home = ["--home", str(llvip_home.root)]
    assert main(["build", str(toml), *home]) == 0
    built = pinned(get(str(toml)), llvip_home)
    good = built.path.read_bytes()
    # The footer stays whole in one of the two: then only who reads the rows meets the damage.
    built.path.write_bytes(b"junk" * 99 if damage == "all" else good[:4] + b"\xff" * 60 + good[64:])
    capsys.readouterr()
    for words in (["show", str(toml)], ["audit", str(toml)], ["export", str(toml), "--to", "csv"]):
        assert main([*words, *home]) == 1
        error = capsys.readouterr().err
        assert f"{built.path} is damaged: `python -m splits build tiny` makes it anew" in error
        assert error.count("\n") == 1
    with pytest.raises(UserError, match="is damaged"):
        built.members("test")
    assert main(["build", str(toml), *home]) == 0
    assert "is damaged: it is built anew" in capsys.readouterr().err
    assert built.path.read_bytes() == good
    assert main(["show", str(toml), *home]) == 0


def test_the_list_tells_which_build_is_damaged(llvip_home, capsys):
    home = ["--home", str(llvip_home.root)]
    assert main(["build", "llvip", "--partial", *home]) == 0
    pinned(get("llvip"), llvip_home).path.write_bytes(b"junk")
    assert main(["list", *home]) == 0
    assert "damaged: build it anew" in capsys.readouterr().out
