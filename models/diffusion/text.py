"""Text as the network reads it: a CLIP text encoder, tiny and trained along, or Stable Diffusion's own."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from models import pretrained
from shards.errors import UserError

START, END = "<|startoftext|>", "<|endoftext|>"
WORD_END = "</w>"

_WORDS = """
a an and are at by for from in into is it of on one or other some that the there this to with
turn visible image rgb infrared thermal picture photo view scene seen taken
person people nobody pedestrian pedestrians man men woman women child group crowd rider cyclist
walk walks walking stand stands standing sit sitting ride riding run running move moving
cross crossing wait waits waiting
car cars truck trucks bus buses van vans vehicle vehicles bicycle bicycles bike motorcycle motorcycles tram train boat
ship plane drive drives driving park parked stop stopped engine engines exhaust wheels cold warm hot recently
road roads street streets highway motorway lane lanes crosswalk intersection sidewalk parking lot bridge tunnel track
path square plaza campus yard
building buildings house houses wall walls fence window windows door roof tower city town village garden forest field
tree trees bush bushes grass leaves plants ground water river lake sea mountain sky cloud clouds
light lights lamp lamps traffic sign signs pole poles headlights lit bright dark sun sunny shadow shadows
day daytime night nighttime morning evening dusk dawn clear cloudy overcast rain rainy wet dry fog foggy snow smoke
aerial front side back left right near far next behind over under along down up top middle background
no two three four five six seven eight nine ten several many few large small tall long empty busy
white black red blue green yellow grey gray silver brown
"""
WORDS = tuple(_WORDS.split())
"""What captions of street scenes and the prompts are made of; a word that is not here is spelt in pieces."""


@dataclass(frozen=True)
class TextShape:
    """Sizes of a text encoder; the defaults are CLIP ViT-L/14's, which Stable Diffusion 1 uses.

    Attributes:
        width: of the token states that the network attends to.
        length: tokens to which every text is padded or cut.
        pretrained: weights and tokenizer come from files and stay as they are; else both are made here, and the
            weights are trained along with the network.
    """

    width: int = 768
    hidden: int = 3072
    layers: int = 12
    heads: int = 12
    length: int = 77
    pretrained: bool = True


class TextEncoder(nn.Module):
    """Prompts to token states."""

    def __init__(self, shape: TextShape, tokenizer: Any) -> None:
        super().__init__()
        library = pretrained.transformers()
        self.shape = shape
        self.tokenizer = tokenizer
        start, end = tokenizer.convert_tokens_to_ids([START, END])
        self.model = library.CLIPTextModel(
            library.CLIPTextConfig(
                vocab_size=len(tokenizer),
                hidden_size=shape.width,
                intermediate_size=shape.hidden,
                num_hidden_layers=shape.layers,
                num_attention_heads=shape.heads,
                max_position_embeddings=shape.length,
                projection_dim=shape.width,
                hidden_act="quick_gelu",
                bos_token_id=start,
                eos_token_id=end,
                pad_token_id=end,
            )
        )

    def forward(self, prompts: Sequence[str]) -> Tensor:
        """Last hidden states after the final norm, N x length x width; equal prompts are encoded once.

        Padding is attended to, as in Stable Diffusion, whose network was trained that way.
        """
        distinct = list(dict.fromkeys(prompts))
        device = self.model.get_input_embeddings().weight.device
        states: Tensor = self.model(input_ids=self.token_ids(distinct).to(device)).last_hidden_state
        where = torch.tensor([distinct.index(prompt) for prompt in prompts], device=device)
        return states[where]

    def token_ids(self, prompts: Sequence[str]) -> Tensor:
        """N x length, int64: start, the text's tokens, end, then end as padding."""
        found = self.tokenizer(
            list(prompts), padding="max_length", truncation=True, max_length=self.shape.length, return_tensors="pt"
        )
        ids: Tensor = found["input_ids"]
        return ids


def word_tokenizer() -> Any:
    """A CLIP tokenizer in which each of `WORDS` is one token; anything else is spelt in pieces, down to bytes."""
    merges = learn_merges(WORDS)
    symbols = list(byte_symbols().values())
    tokens = [*symbols, *(symbol + WORD_END for symbol in symbols), *(a + b for a, b in merges), START, END]
    # The end must have the largest id: where a configuration does not name it, transformers takes the largest for it.
    return pretrained.transformers().CLIPTokenizer(
        vocab={token: index for index, token in enumerate(tokens)}, merges=merges
    )


def load_tokenizer(file: Path) -> Any:
    """The tokenizer of a `tokenizer.json`, as published beside CLIP's weights.

    Raises:
        UserError: it is not the one that the encoder was trained with.
    """
    tokenizer = pretrained.transformers().PreTrainedTokenizerFast(
        tokenizer_file=str(file), bos_token=START, eos_token=END, pad_token=END, unk_token=END
    )
    ids = tokenizer("a")["input_ids"]
    if len(ids) != 3 or ids[0] != tokenizer.bos_token_id or ids[-1] != tokenizer.eos_token_id:
        raise UserError(f"{file} is not a CLIP tokenizer", "give tokenizer.json of openai/clip-vit-large-patch14")
    return tokenizer


def clip_weights(weights: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Weights of a CLIP text model under the names of today's transformers.

    Until release 5.6 all names began with `text_model.`, and very old files hold the position numbers as well.
    """
    renamed = {name.removeprefix("text_model."): value for name, value in weights.items()}
    renamed.pop("embeddings.position_ids", None)
    return renamed


@cache
def byte_symbols() -> dict[int, str]:
    """A printable character for each byte (GPT-2's table, which CLIP's tokenizer works on).

    Printable bytes of Latin-1 stand for themselves; the others become the characters from number 256 on.
    """
    printable = {*range(33, 127), *range(161, 173), *range(174, 256)}
    hidden = [byte for byte in range(256) if byte not in printable]
    return {byte: chr(byte if byte in printable else 256 + hidden.index(byte)) for byte in range(256)}


def learn_merges(words: Iterable[str]) -> list[tuple[str, str]]:
    """Byte-pair encoding (Sennrich et al. 2016) until every word is one token: the merges, first one first.

    >>> learn_merges(["in", "tin"])
    [('i', 'n</w>'), ('t', 'in</w>')]
    """
    symbols = byte_symbols()
    spelt: list[list[str]] = []
    for word in words:
        letters = [symbols[byte] for byte in word.encode()]
        spelt.append([*letters[:-1], letters[-1] + WORD_END])
    merges: list[tuple[str, str]] = []
    while pairs := Counter(pair for pieces in spelt for pair in pairwise(pieces)):
        best = max(pairs, key=lambda pair: (pairs[pair], pair))
        merges.append(best)
        spelt = [_merged(pieces, best) for pieces in spelt]
    return merges


def _merged(pieces: Sequence[str], pair: tuple[str, str]) -> list[str]:
    merged: list[str] = []
    for piece in pieces:
        # A piece that was itself just merged is no left half: in "aaa" the pair (a, a) occurs once.
        if merged and (merged[-1], piece) == pair:
            merged[-1] += piece
        else:
            merged.append(piece)
    return merged
