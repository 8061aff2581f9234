"""Samples are a torch dataset; the sampler's order is one stream that any number of ranks may share or resume."""

from itertools import islice

import numpy as np
import pytest
from torch.utils.data import DataLoader, Dataset

from shards.dataset import ElasticSampler, SampleDataset
from shards.manifest import Manifest
from shards.reader import Reader


@pytest.fixture
def samples(llvip_home):
    with Manifest.open(llvip_home) as manifest:
        table = manifest.table("select * exclude (part) from samples where status = 'ok' order by key")
    return SampleDataset(Reader(llvip_home), table, title="demo", groups={"llvip-010000": "llvip/01"})


def test_it_is_a_torch_dataset_in_key_order(samples):
    assert isinstance(samples, Dataset)
    assert len(samples) == len(samples.keys) == 9
    assert samples.keys == sorted(samples.keys)
    assert [sample.key for sample in samples] == samples.keys
    assert samples[-1].key == samples.keys[-1]
    assert samples.facts(-1)["key"] == samples.keys[-1]
    for index in (9, -10):
        with pytest.raises(IndexError):
            samples[index]


@pytest.mark.parametrize("context", ["fork", "spawn"])
def test_a_loader_with_two_workers_gives_what_the_dataset_gives(samples, context):
    loader = DataLoader(samples, batch_size=4, num_workers=2, collate_fn=list, multiprocessing_context=context)
    loaded = [sample for batch in loader for sample in batch]
    assert [sample.key for sample in loaded] == samples.keys
    assert all(np.array_equal(a.infrared, b.infrared) for a, b in zip(loaded, samples, strict=True))


FIRST_TWENTY = [0, 7, 8, 6, 9, 5, 1, 3, 2, 4, 9, 4, 2, 1, 0, 7, 8, 5, 3, 6]


def positions(count, **options):
    return list(islice(ElasticSampler(7, seed=3, **options), count))


def test_every_epoch_is_a_permutation_and_no_two_are_alike():
    stream = positions(28)
    assert [position for position, _ in stream] == list(range(28))
    epochs = [[index for _, index in stream[at : at + 7]] for at in range(0, 28, 7)]
    assert all(sorted(epoch) == list(range(7)) for epoch in epochs)
    assert len({tuple(epoch) for epoch in epochs}) == 4
    assert list(islice(ElasticSampler(7, seed=4), 28)) != stream


@pytest.mark.parametrize("ranks", [1, 2, 3, 8])
def test_ranks_together_give_the_stream_once(ranks):
    parts = [positions(30, rank=rank, ranks=ranks) for rank in range(ranks)]
    together = sorted(item for part in parts for item in part)
    assert together[: 30 * ranks] == positions(30 * ranks)


@pytest.mark.parametrize("ranks", [1, 2, 3])
@pytest.mark.parametrize("consumed", [0, 1, 6, 7, 20])
def test_going_on_anywhere_with_any_number_of_ranks_equals_not_having_stopped(consumed, ranks):
    parts = [positions(12, consumed=consumed, rank=rank, ranks=ranks) for rank in range(ranks)]
    together = sorted(item for part in parts for item in part)
    assert together == positions(consumed + 12 * ranks)[consumed:]


def test_the_order_is_the_same_on_every_machine_and_day():
    # numpy's Philox with key (seed, epoch): a counter-based generator, so the stream needs no state of its own.
    assert [index for _, index in islice(ElasticSampler(10, seed=0), 20)] == FIRST_TWENTY


def test_nothing_to_sample_is_a_mistake():
    with pytest.raises(ValueError, match="at least one sample"):
        ElasticSampler(0, seed=0)
