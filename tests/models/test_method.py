import torch

from models.method import Batch, squash, stream


def batch(*draws: str, seed: int = 0) -> Batch:
    n = len(draws)
    return Batch(draws, torch.zeros(n, 3, 4, 4), None, None, None, ((4, 4),) * n, draws, seed, (None,) * n)


def test_noise_hangs_on_seed_sample_and_purpose_alone():
    both, one = batch("a", "b"), batch("b")
    assert torch.equal(both.randn("noise", (3, 2))[1], one.randn("noise", (3, 2))[0])
    assert not torch.equal(both.randn("noise", (3, 2)), both.randn("other", (3, 2)))
    assert not torch.equal(both.randn("noise", (3, 2)), batch("a", "b", seed=1).randn("noise", (3, 2)))


def test_noise_leaves_the_global_generator_alone():
    torch.manual_seed(3)
    expected = torch.rand(4)
    torch.manual_seed(3)
    batch("a").randn("noise", (8,))
    batch("a").randint("t", 10)
    assert torch.equal(torch.rand(4), expected)


def test_draws_have_their_distribution():
    many = batch(*map(str, range(4000)))
    noise = many.randn("n", ())
    assert abs(noise.mean()) < 0.06
    assert abs(noise.std() - 1) < 0.05
    assert abs(many.rand("u").mean() - 0.5) < 0.02
    assert set(many.randint("t", 4).tolist()) == {0, 1, 2, 3}


def test_streams_differ_between_neighbours():
    assert len({stream(0, i, "noise") for i in range(1000)}) == 1000


def test_a_squash_shows_the_whole_frame():
    assert squash(64, 640, 512).box == (0, 0, 640, 512)
    assert squash(64, 640, 512).size == (64, 64)
