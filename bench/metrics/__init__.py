"""The registry of metrics: what each is called, which way is better, where it comes from, which function makes it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import import_module
from math import inf
from types import MappingProxyType
from typing import Literal, cast


@dataclass(frozen=True)
class Metric:
    """What a table, a checker or a reader has to know about a metric without computing it.

    Attributes:
        name: key in results.
        title: column heading; names the display factor where there is one.
        kind: "image" is one number per pair (a dataset's value is the mean), "set" one number per set.
        direction: which way is better.
        unit: of the displayed value, empty where it has none.
        range: smallest and largest possible raw value.
        digits: decimals shown; comparison always uses the raw value.
        version: rises with any change of a digit of output.
        reference: the paper that defines it.
        function: "module:name" of a function (predictions, references) -> float. It takes what `needs` says.
        needs: "inception" where both sides are N x 2048 features of that network; None where they are uint8
            images, H x W for kind "image" and N x H x W for kind "set".
        scale: the displayed value is the raw value times this.
    """

    name: str
    title: str
    kind: Literal["image", "set"]
    direction: Literal["higher", "lower"]
    unit: str
    range: tuple[float, float]
    digits: int
    version: int
    reference: str
    function: str
    needs: str | None = None
    scale: float = 1.0

    def resolve(self) -> Callable[..., float]:
        """The function itself; its module is imported now, not with the registry."""
        module, _, name = self.function.partition(":")
        return cast(Callable[..., float], getattr(import_module(module), name))

    def display(self, value: float) -> str:
        """A raw value as a table shows it.

        >>> METRICS["kid"].display(0.01234)
        '12.34'
        """
        return f"{value * self.scale:.{self.digits}f}"


_HEADLINE = (
    Metric(
        name="fid", title="FID", kind="set", direction="lower", unit="", range=(0.0, inf), digits=2, version=1,
        reference="Heusel et al., GANs Trained by a Two Time-Scale Update Rule, NeurIPS 2017",
        function="bench.metrics.frechet:frechet", needs="inception",
    ),
    Metric(
        name="psnr", title="PSNR", kind="image", direction="higher", unit="dB", range=(0.0, 100.0), digits=2,
        version=1, reference="Hore and Ziou, Image Quality Metrics: PSNR vs. SSIM, ICPR 2010",
        function="bench.metrics.psnr:psnr",
    ),
    Metric(
        name="ssim", title="SSIM", kind="image", direction="higher", unit="", range=(-1.0, 1.0), digits=4,
        version=1, reference="Wang et al., Image Quality Assessment, IEEE TIP 13(4), 2004",
        function="bench.metrics.ssim:ssim",
    ),
    Metric(
        name="kid", title="KID x1000", kind="set", direction="lower", unit="", range=(-inf, inf), digits=2,
        version=1, reference="Binkowski et al., Demystifying MMD GANs, ICLR 2018",
        function="bench.metrics.kid:kid", needs="inception", scale=1000.0,
    ),
    Metric(
        name="swd", title="SWD", kind="set", direction="lower", unit="1e-3", range=(0.0, inf), digits=2, version=1,
        reference="Karras et al., Progressive Growing of GANs, ICLR 2018",
        function="bench.metrics.swd:swd",
    ),
)  # fmt: skip

METRICS: Mapping[str, Metric] = MappingProxyType({metric.name: metric for metric in _HEADLINE})
"""Every metric by name, in the order in which tables show them."""
