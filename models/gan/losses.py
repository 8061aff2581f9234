"""Adversarial losses: how far a discriminator's scores are from `real` or from fake, averaged over all patches.

A discriminator minimises half the sum of its two terms, a generator the term of its fakes against `real=True`
(pix2pix, pix2pix_model.py).
"""

from torch import Tensor
from torch.nn import functional as F


def vanilla(scores: Tensor, *, real: bool) -> Tensor:
    """Cross-entropy of logits against 1 (real) or 0 (Goodfellow et al. 2014, in the form that does not saturate)."""
    return F.binary_cross_entropy_with_logits(scores, scores.new_full(scores.shape, float(real)))


def lsgan(scores: Tensor, *, real: bool) -> Tensor:
    """Squared distance from 1 (real) or 0 (Mao et al. 2017, Eq. 9)."""
    return (scores - float(real)).square().mean()


def wgangp(scores: Tensor, *, real: bool) -> Tensor:
    """Critic score, negated for real (Gulrajani et al. 2017, Eq. 3, without its gradient penalty)."""
    return -scores.mean() if real else scores.mean()
