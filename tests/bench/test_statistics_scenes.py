"""Images are resampled with their scene, and very many scenes in balanced groups."""

import numpy as np

from bench.statistics.scenes import units


def test_every_image_belongs_to_the_unit_of_its_scene():
    by = units(["b", "a", "c", "a", "b"])
    assert by.of.tolist() == [1, 0, 2, 0, 1]
    assert (by.count, by.scenes, by.name) == (3, 3, "3 scenes")
    assert by.sizes.tolist() == [2, 2, 1]


def test_sums_over_units_of_numbers_and_of_rows():
    by = units(["b", "a", "b"])
    assert by.sums(np.array([1.0, 10.0, 2.0])).tolist() == [10.0, 3.0]
    assert by.sums(np.array([[1.0, 5.0], [10.0, 6.0], [2.0, 7.0]])).tolist() == [[10.0, 6.0], [3.0, 12.0]]


def test_very_many_scenes_are_dealt_into_groups_of_about_equal_size():
    sizes = [50, 3, 3, 3, 9, 9, 1, 1, 1, 20, 20, 20]
    names = [f"s{i:02d}" for i, size in enumerate(sizes) for _ in range(size)]
    by = units(names, most=4)
    assert (by.count, by.scenes, by.name) == (4, 12, "4 groups of 12 scenes")
    assert by.sizes.tolist() == [50.0, 30.0, 30.0, 30.0]
    assert len({*zip(names, by.of.tolist(), strict=True)}) == 12  # no scene is torn apart


def test_groups_do_not_hang_on_the_order_of_images():
    names = [f"s{i % 30:02d}" for i in range(100)]
    turned = units(names[::-1], most=7)
    assert turned.of[::-1].tolist() == units(names, most=7).of.tolist()
