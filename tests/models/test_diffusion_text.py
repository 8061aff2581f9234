"""The tiny tokenizer knows the words of street scenes, and CLIP's own files load."""

from pathlib import Path

import pytest
import torch
from tokenizers import Tokenizer, models

from models import pretrained
from models.diffusion.diffv2ir import PROMPT
from models.diffusion.text import (
    WORDS,
    TextEncoder,
    TextShape,
    byte_symbols,
    clip_weights,
    learn_merges,
    load_tokenizer,
    word_tokenizer,
)
from models.method import FIXED_PROMPT
from shards.errors import UserError

TINY = TextShape(width=16, hidden=32, layers=1, heads=2, length=24, pretrained=False)


@pytest.fixture(scope="module")
def encoder() -> TextEncoder:
    torch.manual_seed(0)
    return TextEncoder(TINY, word_tokenizer())


def test_merges_come_in_the_order_in_which_pairs_are_frequent() -> None:
    assert learn_merges(["car", "cart"]) == [("c", "a"), ("r", "t</w>"), ("ca", "rt</w>"), ("ca", "r</w>")]
    assert learn_merges(["aaaa"]) == [("a", "a"), ("aa", "a"), ("aaa", "a</w>")]
    assert learn_merges(["a", "b"]) == []


def test_every_byte_has_its_own_printable_symbol() -> None:
    symbols = byte_symbols()
    assert sorted(symbols) == list(range(256))
    assert len(set(symbols.values())) == 256
    assert all(symbol.isprintable() and not symbol.isspace() for symbol in symbols.values())
    assert symbols[ord("a")] == "a"
    assert symbols[ord(" ")] == "Ġ"  # GPT-2's name for the space


def test_each_known_word_is_one_token() -> None:
    tokenizer = word_tokenizer()
    assert len(tokenizer) == 2 * 256 + len(learn_merges(WORDS)) + 2
    assert len(set(WORDS)) == len(WORDS)
    for word in WORDS:
        assert len(tokenizer(word)["input_ids"]) == 3, word


@pytest.mark.parametrize("text", [FIXED_PROMPT, PROMPT.format(caption="two people walk")])
def test_prompts_are_made_of_known_words(text: str) -> None:
    assert len(word_tokenizer()(text)["input_ids"]) == len(text.split()) + 2


def test_unknown_words_are_spelt_and_come_back() -> None:
    tokenizer = word_tokenizer()
    ids = tokenizer("a zeppelin, 12 Übergänge")["input_ids"]
    assert tokenizer.unk_token_id not in ids[1:-1]
    assert tokenizer.decode(ids, skip_special_tokens=True).split() == ["a", "zeppelin", ",", "1", "2", "übergänge"]


def test_texts_are_padded_and_cut_with_the_end_token(encoder: TextEncoder) -> None:
    start, end = encoder.tokenizer.convert_tokens_to_ids(["<|startoftext|>", "<|endoftext|>"])
    ids = encoder.token_ids(["", "a car", "car " * 40])
    assert ids.shape == (3, 24)
    assert ids[0].tolist() == [start] + [end] * 23
    assert ids[1, 3:].tolist() == [end] * 21
    assert ids[2, 0] == start
    assert ids[2, -1] == end
    assert end not in ids[2, 1:-1]


def test_states_have_the_shape_and_hang_on_the_text_alone(encoder: TextEncoder) -> None:
    states = encoder(["a car", "", "a car", "a tree"])
    assert states.shape == (4, 24, 16)
    assert torch.equal(states[0], states[2])
    assert not torch.allclose(states[0], states[3])
    assert torch.allclose(states[1:2], encoder([""]), atol=1e-6)


def test_states_pass_gradients_to_the_embeddings(encoder: TextEncoder) -> None:
    encoder.zero_grad()
    encoder(["a car"]).square().sum().backward()
    gradient = encoder.model.get_input_embeddings().weight.grad
    assert gradient is not None
    assert gradient[encoder.tokenizer.convert_tokens_to_ids("car</w>")].abs().sum() > 0
    assert gradient[encoder.tokenizer.convert_tokens_to_ids("tree</w>")].abs().sum() == 0


def test_a_published_tokenizer_file_gives_the_same_ids(tmp_path: Path) -> None:
    word_tokenizer().save_pretrained(tmp_path)
    loaded = load_tokenizer(tmp_path / "tokenizer.json")
    texts = ["two cars on a road", ""]
    theirs, ours = TextEncoder(TINY, loaded), TextEncoder(TINY, word_tokenizer())
    assert torch.equal(theirs.token_ids(texts), ours.token_ids(texts))


def test_another_tokenizer_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "tokenizer.json"
    Tokenizer(models.BPE(vocab={"a": 0, "<|startoftext|>": 1, "<|endoftext|>": 2}, merges=[])).save(str(file))
    with pytest.raises(UserError, match="not a CLIP tokenizer"):
        load_tokenizer(file)


def test_weights_of_older_files_load(encoder: TextEncoder) -> None:
    own = encoder.model.state_dict()
    older = {f"text_model.{name}": value for name, value in own.items()}
    older["text_model.embeddings.position_ids"] = torch.arange(24)[None]
    renamed = clip_weights(older)
    assert renamed.keys() == own.keys() == clip_weights(own).keys()


def test_defaults_are_stable_diffusions_text_encoder() -> None:
    """123,060,480 parameters, counted without making them; its vocabulary has 49,408 tokens."""
    shape = TextShape()
    library = pretrained.transformers()
    with torch.device("meta"):
        tokenizer = word_tokenizer()
        tokenizer.add_tokens([f"<filler-{n}>" for n in range(49_408 - len(tokenizer))])
        model = TextEncoder(shape, tokenizer).model
    assert isinstance(model, library.CLIPTextModel)
    assert sum(p.numel() for p in model.parameters()) == 123_060_480
