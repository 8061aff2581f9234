"""The registry of metrics: what each is called, which way is better, where it comes from, which function makes it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import import_module
from math import inf
from types import MappingProxyType
from typing import Any, Literal

Needs = Literal["visible", "colour", "inception", "dinov2", "clip", "lpips", "dists"]


class TooSmall(ValueError):
    """A metric's window does not fit into the images."""


@dataclass(frozen=True)
class Metric:
    """What a table, a checker or a reader has to know about a metric without computing it.

    Attributes:
        name: key in results.
        title: column heading; names the display factor where there is one.
        kind: "image" is one number per pair, None where undefined, and a dataset's value is the mean of those
            defined; "pooled" is one share per pair, from all of which `pool` makes the value; "set" is one number of
            all pairs at once.
        direction: which way is better; None for a number that is read, not ranked.
        unit: of the displayed value, empty where it has none.
        range: smallest and largest possible raw value.
        digits: decimals shown; comparison always uses the raw value.
        reference: who defined it.
        function: "module:name" in this package of a function of (prediction, reference), or of what `needs` says.
        needs: None where both are uint8 images, H x W for kinds "image" and "pooled" and N x H x W for "set";
            "visible" where the visible image takes the reference's place; "colour" where the prediction's stored
            pixels are taken alone; "inception", "dinov2" or "clip" where both are N x d features of that network;
            "lpips" or "dists" where that network, a third argument, compares both images.
        pool: "module:name" likewise of the function of all shares; kind "pooled" only.
        version: rises with any change of a digit of output.
        scale: the displayed value is the raw value times this.
        headline: it stands in every table; the others are for a closer look.
    """

    name: str
    title: str
    kind: Literal["image", "pooled", "set"]
    direction: Literal["higher", "lower"] | None
    unit: str
    range: tuple[float, float]
    digits: int
    reference: str
    function: str
    needs: Needs | None = None
    pool: str = ""
    version: int = 1
    scale: float = 1.0
    headline: bool = False

    @property
    def network(self) -> str:
        """The pretrained network through which it looks, by its name in `bench.networks`; empty for none."""
        return "" if self.needs in (None, "visible", "colour") else str(self.needs)

    def resolve(self) -> Callable[..., Any]:
        """The function itself; its module is imported now, not with the registry."""
        return _function(self.function)

    def resolve_pool(self) -> Callable[..., float]:
        """The function of all shares."""
        return _function(self.pool)

    def display(self, value: float) -> str:
        """A raw value as a table shows it.

        >>> METRICS["kid"].display(0.01234)
        '12.34'
        """
        return f"{value * self.scale:.{self.digits}f}"


def _function(name: str) -> Callable[..., Any]:
    module, _, attribute = name.partition(":")
    found: Callable[..., Any] = getattr(import_module(f"bench.metrics.{module}"), attribute)
    return found


_WANG = "Wang et al., Image Quality Assessment, IEEE TIP 13(4), 2004"
_HEADLINE = (
    Metric(
        "fid", "FID", "set", "lower", "", (0.0, inf), 2,
        "Heusel et al., GANs Trained by a Two Time-Scale Update Rule, NeurIPS 2017",
        "frechet:frechet", needs="inception", headline=True,
    ),
    Metric(
        "psnr", "PSNR", "image", "higher", "dB", (0.0, 100.0), 2,
        "Hore and Ziou, Image Quality Metrics: PSNR vs. SSIM, ICPR 2010", "psnr:psnr", headline=True,
    ),
    Metric("ssim", "SSIM", "image", "higher", "", (-1.0, 1.0), 4, _WANG, "ssim:ssim", headline=True),
    Metric(
        "kid", "KID x1000", "set", "lower", "", (-inf, inf), 2, "Binkowski et al., Demystifying MMD GANs, ICLR 2018",
        "kid:kid", needs="inception", scale=1000.0, headline=True,
    ),
    Metric(
        "swd", "SWD", "set", "lower", "1e-3", (0.0, inf), 2, "Karras et al., Progressive Growing of GANs, ICLR 2018",
        "swd:swd", headline=True,
    ),
)  # fmt: skip

_EXTENDED = (
    Metric(
        "psnr_pooled", "PSNR pooled", "pooled", "higher", "dB", (0.0, 100.0), 2,
        "PSNR of the mean squared error over all images, as torchmetrics 1.9 reports it",
        "psnr:squared_error", pool="psnr:psnr_pooled",
    ),
    Metric(
        "ssim_float32", "SSIM float32", "image", "higher", "", (-1.0, 1.0), 4,
        "SSIM with a mirrored border in 32-bit floats, as torchmetrics 1.9 computes it", "ssim_float32:ssim_float32",
    ),
    Metric(
        "ms_ssim", "MS-SSIM", "image", "higher", "", (0.0, 1.0), 4,
        "Wang et al., Multi-scale structural similarity, Asilomar 2003", "ssim:ms_ssim",
    ),
    Metric(
        "vif_p", "VIF", "image", "higher", "", (0.0, inf), 4,
        "Sheikh and Bovik, Image Information and Visual Quality, IEEE TIP 15(2), 2006", "vif:vif_p",
    ),
    Metric("mae", "MAE", "image", "lower", "levels", (0.0, 255.0), 2, "mean absolute error", "error:mae"),
    Metric("rmse", "RMSE", "image", "lower", "levels", (0.0, 255.0), 2, "root mean squared error", "error:rmse"),
    Metric("ncc", "NCC", "image", "higher", "", (-1.0, 1.0), 4, "Pearson correlation of pixels", "alignment:ncc"),
    Metric(
        "psnr_affine", "PSNR affine", "image", "higher", "dB", (0.0, 100.0), 2,
        "PSNR after a least-squares gain and offset per image", "alignment:psnr_affine",
    ),
    Metric(
        "psnr_affine_pos", "PSNR affine+", "image", "higher", "dB", (0.0, 100.0), 2,
        "PSNR after a least-squares positive gain and offset per image", "alignment:psnr_affine_pos",
    ),
    Metric(
        "psnr_shift4", "PSNR shift", "image", "higher", "dB", (0.0, 100.0), 2,
        "after Martens et al., Super-resolution of PROBA-V images, Astrodynamics 2019", "alignment:psnr_shift4",
    ),
    Metric(
        "grad_corr", "gradient corr.", "image", "higher", "", (-1.0, 1.0), 4,
        "Pearson correlation of Sobel gradients", "edges:grad_corr",
    ),
    Metric(
        "grad_mag_corr", "gradient mag. corr.", "image", "higher", "", (-1.0, 1.0), 4,
        "Pearson correlation of Sobel gradient magnitudes", "edges:grad_mag_corr",
    ),
    Metric(
        "edge_f1", "edge F1", "image", "higher", "", (0.0, 1.0), 4,
        "F1 of the strongest tenth of Sobel magnitudes within 5 x 5 pixels", "edges:edge_f1",
    ),
    Metric(
        "grad_corr_visible", "gradient corr. to visible", "image", None, "", (-1.0, 1.0), 4,
        "as grad_corr, against the visible image", "edges:grad_corr", needs="visible",
    ),
    Metric(
        "edge_f1_visible", "edge F1 to visible", "image", None, "", (0.0, 1.0), 4,
        "as edge_f1, against the visible image", "edges:edge_f1", needs="visible",
    ),
    Metric(
        "hot_iou_abs", "hot IoU", "image", "higher", "", (0.0, 1.0), 4,
        "overlap of what is above the reference's 95th percentile", "hot:hot_iou_abs",
    ),
    Metric(
        "hot_iou_rel", "hot IoU rel.", "image", "higher", "", (0.0, 1.0), 4,
        "overlap of what is above each side's own 95th percentile", "hot:hot_iou_rel",
    ),
    Metric(
        "hist_emd", "histogram EMD", "image", "lower", "levels", (0.0, 255.0), 2,
        "Rubner et al., The Earth Mover's Distance, IJCV 40(2), 2000", "histogram:hist_emd",
    ),
    Metric(
        "slope_err", "slope error", "image", "lower", "", (0.0, inf), 4,
        "van der Schaaf and van Hateren, Vision Research 36(17), 1996", "spectrum:slope_err",
    ),
    Metric(
        "hf_ratio_err", "fine detail error", "image", "lower", "", (0.0, 1.0), 4,
        "difference of the shares of spectral power at 64 to 128 cycles per image", "spectrum:hf_ratio_err",
    ),
    Metric(
        "chroma_dev", "chroma", "image", "lower", "levels", (0.0, 255.0), 2,
        "mean spread of a prediction's colour channels", "chroma:chroma_dev", needs="colour",
    ),
    Metric(
        "lpips", "LPIPS", "image", "lower", "", (0.0, inf), 4,
        "Zhang et al., The Unreasonable Effectiveness of Deep Features, CVPR 2018; version 0.1 on AlexNet",
        "perceptual:perceptual", needs="lpips",
    ),
    Metric(
        "dists", "DISTS", "image", "lower", "", (0.0, 1.0), 4,
        "Ding et al., Image Quality Assessment: Unifying Structure and Texture Similarity, TPAMI 2020",
        "perceptual:perceptual", needs="dists",
    ),
    Metric(
        "fd_dinov2", "FD-DINOv2", "set", "lower", "", (0.0, inf), 2,
        "Stein et al., Exposing flaws of generative model evaluation metrics, NeurIPS 2023",
        "frechet:frechet", needs="dinov2",
    ),
    Metric(
        "kd_dinov2", "KD-DINOv2", "set", "lower", "", (-inf, inf), 4,
        "KID's estimator on DINOv2 features, after Stein et al., NeurIPS 2023", "kid:kid", needs="dinov2",
    ),
    Metric(
        "cmmd", "CMMD", "set", "lower", "", (0.0, inf), 4, "Jayasumana et al., Rethinking FID, CVPR 2024",
        "cmmd:cmmd", needs="clip",
    ),
)  # fmt: skip

METRICS: Mapping[str, Metric] = MappingProxyType({metric.name: metric for metric in (*_HEADLINE, *_EXTENDED)})
"""Every metric by name, in the order in which tables show them."""
