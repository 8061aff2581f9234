"""Pretrained networks through which metrics look at pictures, each from one weights file of a home.

Set networks turn a picture into features, and distances between sets of features are metrics. Pair networks say how
unlike two pictures are. The architectures are those of well-kept libraries; where a transformer's size may differ it is
read from the weights.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from bench import weights
from bench.decode import Pixels
from bench.network_input import Input
from shards.download import digest
from shards.errors import UserError
from shards.home import Home

if TYPE_CHECKING:
    from models.inception import FIDInception

BATCH = 32
"""Fixed by the protocols: on some devices the last digits depend on it."""

Features = npt.NDArray[np.float32]
Extract = Callable[[Input], Features]
Distance = Callable[[Pixels, Pixels], float]
State = Mapping[str, Any]

_HEAD_WIDTH = 64  # of every published ViT of these families
_LPIPS_HEADS = "df73285e35b22355a2df87cdb6b70b343713b667eddbda73e1977e0c860835c0"


@dataclass(frozen=True)
class Network:
    """What turns prepared pictures into features.

    Attributes:
        file: name of the weights file, as results record it.
        sha256: of the weights.
        extract: N x 3 x S x S to N x d.
        preparation: how pictures are prepared (`bench.network_input`); empty where the protocol says.
    """

    file: str
    sha256: str
    extract: Extract
    preparation: str = ""


@dataclass(frozen=True)
class Compare:
    """What says how unlike two pictures are.

    Attributes:
        file: name of the weights file, as results record it.
        sha256: of the weights.
        distance: of two pictures of one size.
    """

    file: str
    sha256: str
    distance: Distance

    def __call__(self, prediction: Pixels, reference: Pixels) -> float:
        """Their distance."""
        return self.distance(prediction, reference)


def set_network(name: str, home: Home, *, quiet: bool = False) -> Network | None:
    """A network of `SETS` on the fastest device here; None where its weights are not to be had.

    Raises:
        UserError: the weights file is damaged or of another network.
    """
    file = weights.find_or_fetch(name, home, quiet=quiet)
    if file is None:
        return None
    load, preparation = SETS[name]
    entry = weights.get(name)
    return Network(entry.file, entry.sha256 or digest(file), load(file), preparation)


def pair_network(name: str, home: Home, *, quiet: bool = False) -> Compare | None:
    """A network of `PAIRS`; None where its weights are not to be had.

    Raises:
        UserError: the weights file is damaged or of another network.
    """
    entry = weights.get(PAIR_WEIGHTS[name])
    file = weights.find_or_fetch(entry.name, home, quiet=quiet)
    if file is None:
        return None
    found = digest(file)
    if not found.startswith(entry.digest_begins):
        raise _of_another(file, f"its sha256 is {found[:16]}..., not {entry.digest_begins[:16]}...")
    return Compare(entry.file, found, PAIRS[name](file))


def missing(network: str) -> str:
    """Why a metric has no number where the weights of its network are missing."""
    name = PAIR_WEIGHTS.get(network, network)
    title = {"inception": "Inception"}.get(name, weights.get(name).title)
    return f"the {title} weights are missing: `python -m bench weights fetch {name}`"


def has_weights(network: str, home: Home, *, quiet: bool = False) -> bool:
    """Whether the weights of a network are here or can be had."""
    return weights.find_or_fetch(PAIR_WEIGHTS.get(network, network), home, quiet=quiet) is not None


def folded(network: "FIDInception") -> "FIDInception":
    """The network with batch norms folded into convolutions, channels last in memory; it is changed in place.

    Twice the images per second on a CPU; features move within 1e-6 of their length, as between two processors.
    """
    import torch
    from torch.nn.utils.fusion import fuse_conv_bn_eval

    units: Any = network.modules()
    for unit in units:
        if isinstance(getattr(unit, "bn", None), torch.nn.BatchNorm2d):
            unit.conv = fuse_conv_bn_eval(unit.conv, unit.bn)
            unit.bn = torch.nn.Identity()
    return network.to(memory_format=torch.channels_last)  # type: ignore[call-overload, no-any-return]


def _inception(file: Path) -> Extract:
    from models import inception as module

    network = folded(module.load(file)).to(_device())

    def extract(inputs: Any) -> Features:
        return module.features(network, inputs, prepare=_as_it_is, batch=BATCH)

    return extract


def _as_it_is(inputs: Any) -> Any:
    """Pictures come to the network prepared."""
    return inputs


def _dinov2(file: Path) -> Extract:
    """The class token after the last layer norm (Oquab et al., 2023; used as in Stein et al., NeurIPS 2023)."""
    from models import pretrained

    library, state = pretrained.transformers(), _state(file)
    width, patch, layers = _shape(state, "embeddings.cls_token", "embeddings.patch_embeddings.projection.weight", file)
    positions = state["embeddings.position_embeddings"].shape[1] - 1
    config = library.Dinov2Config(
        hidden_size=width,
        num_hidden_layers=layers,
        num_attention_heads=width // _HEAD_WIDTH,
        image_size=round(positions**0.5) * patch,
        patch_size=patch,
    )
    network = _filled(library.Dinov2Model(config), state, file)
    return _batched(lambda inputs: network(pixel_values=inputs).pooler_output)


def _clip(file: Path) -> Extract:
    """Projected image embeddings of length 1 (Jayasumana et al., CVPR 2024)."""
    from torch.nn.functional import normalize

    from models import pretrained

    library = pretrained.transformers()
    state = {name: value for name, value in _state(file).items() if name.startswith(("vision_model.", "visual_"))}
    prefix = "vision_model.embeddings"
    width, patch, layers = _shape(state, f"{prefix}.class_embedding", f"{prefix}.patch_embedding.weight", file)
    positions = state[f"{prefix}.position_embedding.weight"].shape[0] - 1
    config = library.CLIPVisionConfig(
        hidden_size=width,
        intermediate_size=4 * width,
        projection_dim=state["visual_projection.weight"].shape[0],
        num_hidden_layers=layers,
        num_attention_heads=width // _HEAD_WIDTH,
        image_size=round(positions**0.5) * patch,
        patch_size=patch,
    )
    network = _filled(library.CLIPVisionModelWithProjection(config), state, file)
    return _batched(lambda inputs: normalize(network(pixel_values=inputs).image_embeds, dim=-1))


def _lpips(file: Path) -> Distance:
    """LPIPS 0.1 on AlexNet (Zhang et al., CVPR 2018), as torchmetrics has it, on [-1, 1]."""
    import torch

    from models import pretrained

    library = pretrained.torchmetrics_image("lpips")
    heads = Path(library.__file__).parent / "lpips_models" / "alex.pth"
    if sha256(heads.read_bytes()).hexdigest() != _LPIPS_HEADS:
        raise UserError(f"{heads} is not the file of LPIPS 0.1", "`make setup` installs the locked torchmetrics")
    network = library._LPIPS(net="alex", pretrained=False, pnet_rand=True)
    network.load_state_dict(torch.load(heads, map_location="cpu", weights_only=True), strict=False)
    _fill_trunk(network.net, _state(file), file)

    def compare(prediction: Pixels, reference: Pixels) -> float:
        with torch.inference_mode():
            return float(network(*(2 * _levels(side) - 1 for side in (prediction, reference))))

    return compare


def _dists(file: Path) -> Distance:
    """DISTS on VGG-16 (Ding et al., TPAMI 2020), as torchmetrics has it, on [0, 1]."""
    from unittest.mock import patch

    import torch

    from models import pretrained

    library = pretrained.torchmetrics_image("dists")
    untrained = pretrained.torchvision().models.vgg16
    # Its constructor would download the trunk, which comes from the file.
    with patch.object(library, "vgg16", lambda **_: untrained(weights=None)):
        network = library.DISTSNetwork(load_weights=False)
    mixture = torch.load(library._PATH_WEIGHT_DISTS, map_location="cpu", weights_only=True)
    network.alpha.data, network.beta.data = mixture["alpha"], mixture["beta"]
    _fill_trunk(network, _state(file), file)

    def compare(prediction: Pixels, reference: Pixels) -> float:
        with torch.inference_mode():
            return float(network(_levels(prediction), _levels(reference)))

    return compare


SETS: Mapping[str, tuple[Callable[[Path], Extract], str]] = MappingProxyType(
    {"inception": (_inception, ""), "dinov2": (_dinov2, "dinov2"), "clip": (_clip, "clip")}
)
"""By the name of their weights: how they are loaded, and how pictures are prepared for them."""
PAIRS: Mapping[str, Callable[[Path], Distance]] = MappingProxyType({"lpips": _lpips, "dists": _dists})
"""By what metrics call them."""
PAIR_WEIGHTS: Mapping[str, str] = MappingProxyType({"lpips": "alexnet", "dists": "vgg16"})


def _state(file: Path) -> State:
    if file.suffix == ".safetensors":
        from safetensors.torch import load_file

        state: State = load_file(file)
        return state
    import pickle

    import torch

    try:
        loaded: State = torch.load(file, map_location="cpu", weights_only=True)
    except (pickle.UnpicklingError, RuntimeError, EOFError, OSError) as error:
        raise _of_another(file, f"it cannot be read ({error.__class__.__name__})") from None
    return loaded


def _shape(state: State, token: str, patches: str, file: Path) -> tuple[int, int, int]:
    """Width, patch side and number of layers of a vision transformer."""
    if token not in state or patches not in state:
        raise _of_another(file, f"it has no {token}")
    layers = {name.split("layer")[1].split(".")[1] for name in state if "encoder.layer" in name}
    return state[token].shape[-1], state[patches].shape[-1], len(layers)


def _filled(network: Any, state: State, file: Path) -> Any:
    try:
        found = network.load_state_dict(state, strict=False)
    except RuntimeError as error:
        raise _of_another(file, str(error).splitlines()[-1].strip()) from None
    if lacking := [name for name in found.missing_keys if "position_ids" not in name]:
        raise _of_another(file, f"it has no {lacking[0]}")
    return network.to(_device()).eval()


def _fill_trunk(network: Any, state: State, file: Path) -> None:
    """Fills stages whose layers bear the numbers that they have in torchvision's `features`."""
    import torch

    for name, value in network.named_parameters():
        stage = name.split(".")
        if len(stage) != 3:
            continue
        known = state.get(f"features.{stage[1]}.{stage[2]}")
        if known is None or known.shape != value.shape:
            raise _of_another(file, f"features.{stage[1]}.{stage[2]} is missing or of another shape")
        with torch.no_grad():
            value.copy_(known)


def _batched(run: Callable[[Any], Any]) -> Extract:
    import torch

    def extract(inputs: Input) -> Features:
        with torch.inference_mode():
            parts = [run(part.to(_device())).float().cpu() for part in torch.from_numpy(inputs).split(BATCH)]
        made: Features = torch.cat(parts).numpy()
        return made

    return extract


def _levels(pixels: Pixels) -> Any:
    """1 x 3 x H x W in [0, 1]."""
    import torch

    planes = pixels if pixels.ndim == 3 else np.repeat(pixels[..., None], 3, axis=2)
    return torch.from_numpy(np.ascontiguousarray(planes.transpose(2, 0, 1)))[None].float() / 255


def _device() -> str:
    import torch

    return "cuda" if torch.cuda.is_available() else "cpu"


def _of_another(file: Path, why: str) -> UserError:
    return UserError(f"{file} is not of this network: {why}", f"`python -m bench weights fetch {file.parent.name}`")
