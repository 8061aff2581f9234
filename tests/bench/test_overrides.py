import pytest

from bench.overrides import apply
from models.method import Data, Preset, Train
from shards.errors import UserError

PRESET = Preset(Train(data=Data(resize=286), steps=None, epochs=2.0, clip=None))


def test_a_nested_field_takes_the_type_it_has():
    changed = apply(PRESET, ["train.steps=10", "train.data.flip=0", "train.clip=1.5", "train.data.resample=lanczos"])
    assert changed.train.steps == 10
    assert changed.train.data.flip == 0.0
    assert changed.train.clip == 1.5
    assert changed.train.data.resample == "lanczos"
    assert PRESET.train.steps is None


def test_none_is_a_value_where_the_field_allows_it():
    assert apply(PRESET, ["train.epochs=none"]).train.epochs is None


@pytest.mark.parametrize(
    ("assignment", "says"),
    [
        ("train.stepz=10", "train.steps"),
        ("train.steps", "key=value"),
        ("train.steps=ten", "int is wanted"),
        ("train.data=3", "group of settings"),
        ("train.data.resample=cubic", "bicubic"),
        ("train.steps.more=3", "nothing has a field"),
    ],
)
def test_a_wrong_setting_is_one_line(assignment, says):
    with pytest.raises(UserError, match=says) as caught:
        apply(PRESET, [assignment])
    assert "\n" not in str(caught.value)
    assert caught.value.code == 2
