import torch
from torch.nn import functional as F

from models.diffusion.upsample import guided_upsample


def steps(size: int) -> torch.Tensor:
    """A bright disc and a dark bar on grey, N3HW."""
    y, x = torch.meshgrid(*[torch.linspace(-1, 1, size)] * 2, indexing="ij")
    picture = torch.zeros(size, size)
    picture[x**2 + y**2 < 0.3] = 0.8
    picture[(x > 0.7)] = -0.9
    return picture.expand(1, 3, size, size)


def test_a_picture_that_is_affine_in_the_guide_comes_out_sharp():
    guide = steps(128)
    truth = -0.6 * guide[:, :1] + 0.2
    small = F.interpolate(truth, size=(32, 32), mode="bicubic", antialias=True)
    plain = F.interpolate(small, size=(128, 128), mode="bicubic")
    raised = guided_upsample(small, guide)
    assert (raised - truth).abs().mean() < 0.25 * (plain - truth).abs().mean()


def test_a_flat_picture_stays_flat_whatever_the_guide_shows():
    raised = guided_upsample(torch.full((1, 1, 32, 32), 0.3), steps(96))
    assert torch.allclose(raised, torch.full((1, 1, 96, 96), 0.3), atol=1e-4)


def test_pictures_of_a_batch_do_not_touch():
    guide = torch.cat([steps(64), steps(64).flip(3)])
    small = torch.rand(2, 1, 16, 16, generator=torch.Generator().manual_seed(0))
    both = guided_upsample(small, guide)
    assert torch.allclose(both[1:], guided_upsample(small[1:], guide[1:]), atol=1e-6)
