"""How pictures become numbers: channels, size, the network's input and metrics, fixed under a name and a version.

The same 221 pairs score SSIM 0.06 to 0.76 depending on choices made here alone, so every result names its protocol and
any change of a digit of output is a new version. Decoding (`bench.decode`) and geometry (`bench.geometry`) are the same
in all protocols.
"""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any, Literal

import numpy as np

from bench.decode import Pixels, to_grey
from bench.geometry import Box, cut, fit, size_of
from bench.metrics import METRICS, Metric, TooSmall
from bench.network_input import PREPARATIONS
from shards.errors import UserError, unknown

HEADLINE = "v2ir-256@1"
"""The protocol of every table, unless another is asked for."""
ALL = "all"
"""What a command line calls every protocol at once."""


@dataclass(frozen=True)
class MetricUse:
    """A metric as a protocol uses it.

    Attributes:
        metric: usually the one of the same name; a protocol may call the pooled PSNR its PSNR.
        arguments: those of the metric's function that the protocol fixes.
    """

    metric: Metric
    arguments: Mapping[str, Any]


@dataclass(frozen=True)
class Step:
    """One step of a protocol in plain English."""

    name: str
    text: str


@dataclass(frozen=True)
class Protocol:
    """A named and versioned way to score.

    Attributes:
        id: name@version, the form in which results and tables carry it.
        version: the number behind the @.
        title: one line for people.
        colour: "grey" compares luma; "rgb" compares three channels, equal ones where an image is grey.
        size: side in pixels of the square at which images are compared; "reference" for the reference's own size.
        network_input: how images are prepared for the FID Inception network, see `bench.network_input`.
        network_source: which images: those "compared", or each as "stored".
        metrics: by name, in the order of tables.
        steps: what is done, in order.
    """

    id: str
    version: int
    title: str
    colour: Literal["grey", "rgb"]
    size: int | Literal["reference"]
    network_input: Literal["clean", "pytorch-fid", "torchmetrics"]
    network_source: Literal["compared", "stored"]
    metrics: Mapping[str, MetricUse]
    steps: tuple[Step, ...]

    @property
    def view(self) -> str:
        """Protocols of equal view compare equal images."""
        return f"{self.colour}-{self.size}"

    def of_reference(self, pixels: Pixels, box: Box | None) -> Pixels:
        """The reference as it is compared: its channels, the part of it in `box`, its size."""
        shown = self._channels(pixels)
        return cut(shown, box) if self.size == "reference" else fit(shown, (self.size, self.size), box)

    def of_prediction(self, pixels: Pixels, reference: Pixels) -> Pixels:
        """The prediction as it is compared with a reference that `of_reference` made."""
        return fit(self._channels(pixels), size_of(reference))

    def as_stored(self, pixels: Pixels, box: Box | None = None) -> Pixels:
        """A side's stored image, or the part of it in `box`, as it goes to the network where `network_source` says."""
        return cut(self._channels(pixels), box)

    def measure(self, name: str, *inputs: Any) -> Any:
        """A metric with this protocol's arguments, on what its `needs` and `kind` say.

        Returns:
            The value, None where undefined, as of images below the metric's window; for kind "pooled" the pair's share.

        Raises:
            UserError: the protocol does not use this metric.
        """
        use = self._use(name)
        try:
            return use.metric.resolve()(*inputs, **({} if use.metric.kind == "pooled" else use.arguments))
        except TooSmall:
            return None

    def pool(self, name: str, shares: list[Any]) -> float:
        """The value that all shares of a pooled metric make."""
        use = self._use(name)
        return use.metric.resolve_pool()(shares, **use.arguments)

    def _use(self, name: str) -> MetricUse:
        if name not in self.metrics:
            raise unknown("metric", name, self.metrics, hint=f"protocol {self.id}")
        return self.metrics[name]

    def _channels(self, pixels: Pixels) -> Pixels:
        return to_grey(pixels) if self.colour == "grey" else pixels


def same_channels(first: Pixels, second: Pixels) -> tuple[Pixels, Pixels]:
    """Two images of one size with as many channels: grey beside colour becomes three equal channels."""
    if first.ndim == second.ndim:
        return first, second
    return _in_colour(first), _in_colour(second)


def names() -> list[str]:
    """The ids of all protocols, sorted."""
    return sorted(_all())


def load(name: str) -> Protocol:
    """The protocol of this id, such as `v2ir-256@1`.

    Raises:
        UserError: there is none of this name and version.

    >>> load("v2ir-256@1").size
    256
    """
    protocols = _all()
    if name not in protocols:
        raise unknown("protocol", name, protocols)
    return protocols[name]


def choose(words: str) -> list[Protocol]:
    """The protocols of a command line: ids with commas between them, or `all`; the headline one comes first.

    Raises:
        UserError: one is unknown, or none is named.

    >>> [protocol.id for protocol in choose("all")][0]
    'v2ir-256@1'
    """
    asked = names() if words == ALL else [word.strip() for word in words.split(",") if word.strip()]
    if not asked:
        raise UserError("--protocol names no protocol", f"one of {', '.join(names())}, or {ALL}", code=2)
    found = [load(name) for name in dict.fromkeys(asked)]
    return sorted(found, key=lambda protocol: (protocol.id != HEADLINE, protocol.id))


def metric_names(protocols: Sequence[Protocol], words: str) -> dict[str, list[str]]:
    """Which of the metrics on a command line each protocol has, with commas between them there.

    Raises:
        UserError: one that no protocol has.

    >>> metric_names([load("torchmetrics@1")], "ssim,fid")
    {'torchmetrics@1': ['ssim', 'fid']}
    """
    asked = [word.strip() for word in words.split(",") if word.strip()]
    known = {name for protocol in protocols for name in protocol.metrics}
    for name in asked:
        if name not in known:
            raise unknown("metric", name, known)
    return {protocol.id: [name for name in asked if name in protocol.metrics] for protocol in protocols}


def parse(text: str) -> Protocol:
    """A protocol from its TOML.

    Raises:
        ValueError: the id and version disagree, or it asks for a metric's version, a colour, a size or a network input
            that is not here.
    """
    fields = tomllib.loads(text)
    metrics = {name: _metric_use(fields["id"], name, table) for name, table in fields.pop("metrics").items()}
    steps = tuple(Step(**step) for step in fields.pop("steps"))
    protocol = Protocol(**fields, metrics=metrics, steps=steps)
    if not protocol.id.endswith(f"@{protocol.version}"):
        raise ValueError(f"protocol {protocol.id} is of version {protocol.version}")
    allowed = {
        "colour": protocol.colour in ("grey", "rgb"),
        "size": protocol.size == "reference" or (isinstance(protocol.size, int) and protocol.size > 0),
        "network_input": protocol.network_input in PREPARATIONS,
        "network_source": protocol.network_source in ("compared", "stored"),
    }
    for field, known in allowed.items():
        if not known:
            raise ValueError(f"protocol {protocol.id} wants {field} {getattr(protocol, field)!r}, which is not known")
    return protocol


def _metric_use(protocol: str, name: str, table: Mapping[str, Any]) -> MetricUse:
    known = table.get("metric", name)
    if known not in METRICS or METRICS[known].version != table["version"]:
        raise ValueError(f"protocol {protocol} wants metric {known} of version {table['version']}, not here")
    arguments = {key: value for key, value in table.items() if key not in ("metric", "version")}
    return MetricUse(METRICS[known], arguments)


def _in_colour(pixels: Pixels) -> Pixels:
    return np.repeat(pixels[..., None], 3, axis=2) if pixels.ndim == 2 else pixels


@cache
def _all() -> dict[str, Protocol]:
    files = [file for file in resources.files("bench.protocols").iterdir() if file.name.endswith(".toml")]
    protocols = [parse(file.read_text(encoding="utf-8")) for file in files]
    return {protocol.id: protocol for protocol in protocols}
