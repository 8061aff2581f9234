"""Scored runs against each other on the same images: differences with intervals and tests, and where they differ most.

Works from result documents, per-image tables and cached features alone.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from typing import Any

import numpy as np

from bench.metrics import METRICS
from bench.record import Scored
from bench.result import part_shown
from bench.statistics import distances, swaps
from bench.statistics.intervals import LEFT_OUT
from bench.statistics.means import Interval, too_few
from bench.statistics.multiple import holm
from bench.statistics.paired import PermutationTest, paired
from bench.statistics.scenes import FEW, units
from shards.errors import UserError, unknown
from shards.home import Home

OTHER_PARTS = "the runs show different parts of the frames, so their pictures cannot be swapped"
SWAPS = {"fid": swaps.frechet_swap, "kid": swaps.kid_swap}
_SHARED = (("protocol", "protocols"), ("fingerprint", "test subsets"), ("n", "numbers of images"))


@dataclass(frozen=True)
class Difference:
    """One metric of two runs, first minus second.

    Attributes:
        first, second: places of the runs in what was compared.
        values: raw, of both; None where a run has none.
        effect: raw; None where a value is missing.
        interval, test: None with a `reason` where the records do not hold what they need.
        holm: p adjusted over everything that was tested together.
        per_scene: the difference in each scene; means only.
    """

    metric: str
    first: int
    second: int
    values: tuple[float | None, float | None]
    effect: float | None
    interval: Interval | None = None
    test: PermutationTest | None = None
    holm: float | None = None
    per_scene: Mapping[str, float] | None = None
    reason: str | None = None

    def record(self, names: Sequence[str]) -> dict[str, Any]:
        """As plain data, with the names of the runs."""
        found: dict[str, Any] = {
            "metric": self.metric,
            "first": names[self.first],
            "second": names[self.second],
            "values": list(self.values),
            "effect": self.effect,
            "better": self._better(names),
            "reason": self.reason,
        }
        if self.interval:
            found |= {k: v for k, v in self.interval.record().items() if k not in ("method", "per_scene")}
            found["interval_method"] = self.interval.method
        if self.test:
            found |= {"p": self.test.p, "p_holm": self.holm, "test_method": self.test.method}
        if self.per_scene:
            found["per_scene"] = dict(self.per_scene)
            found["scenes_up"] = sum(value > 0 for value in self.per_scene.values())
            found["scenes_even"] = sum(value == 0 for value in self.per_scene.values())
        return found

    def _better(self, names: Sequence[str]) -> str | None:
        direction = METRICS[self.metric].direction
        if direction is None or not self.effect or self.reason == OTHER_PARTS:
            return None
        return names[self.first if (self.effect > 0) == (direction == "higher") else self.second]


def compare(scored: Sequence[Scored], home: Home, metrics: Sequence[str] = ()) -> list[Difference]:
    """Every pair of runs in every metric; p-values are adjusted by Holm over all of them.

    Args:
        scored: two or more.
        home: its cache holds the features.
        metrics: by name; default those that stand in every table and that all runs have.

    Raises:
        UserError: the runs were not scored on the same images by the same protocol, or a metric is unknown.
    """
    require_alike(scored)
    features = [run.features(home) for run in scored]
    found = []
    for name in metrics or _headline(scored):
        if name not in METRICS:
            raise unknown("metric", name, METRICS)
        for i, j in combinations(range(len(scored)), 2):
            pair = scored[i], scored[j]
            values = (_value(pair[0], name), _value(pair[1], name))
            effect = None if values[0] is None or values[1] is None else values[0] - values[1]
            difference = Difference(name, i, j, values, effect)
            if effect is None:
                difference = replace(difference, reason=_missing([scored[i], scored[j]], name))
            elif name in scored[i].metrics and name in scored[j].metrics:
                difference = _of_means(difference, scored)
            elif name not in SWAPS:
                why = "one number for all images: the records hold nothing to test"
                difference = replace(difference, reason=OTHER_PARTS if show_other_parts(*pair) else why)
            elif features[i] is None or features[j] is None:
                difference = replace(difference, reason="features are not cached: score both runs again")
            else:
                difference = _of_features(difference, features, scored[i].scenes)
            found.append(difference)
    adjusted = iter(holm([d.test.p for d in found if d.test]))
    return [replace(d, holm=next(adjusted)) if d.test else d for d in found]


def require_alike(scored: Sequence[Scored]) -> None:
    """Refuses to compare what was not measured on the same images in the same way.

    Raises:
        UserError: it was not; names the first difference.
    """
    first = scored[0]
    for other in scored[1:]:
        for key, word in _SHARED:
            if first.result[key] != other.result[key]:
                seen = [f"{run.label}: {str(run.result[key])[:16]}" for run in (first, other)]
                raise UserError(f"runs of different {word} cannot be compared: {', '.join(seen)}", "score them alike")
        if (first.keys, first.scenes) != (other.keys, other.scenes):
            raise UserError(f"{first.label} and {other.label} hold different images or scenes", "score them again")


def show_other_parts(first: Scored, second: Scored) -> bool:
    """Whether two runs were compared with other parts of the references; a record that says nothing is of all."""
    return part_shown(first.result) != part_shown(second.result)


def _headline(scored: Sequence[Scored]) -> list[str]:
    shared = set.intersection(*(set(run.result["metrics"]) for run in scored))
    return [name for name, metric in METRICS.items() if metric.headline and name in shared]


def _value(run: Scored, metric: str) -> float | None:
    found: float | None = run.result["metrics"].get(metric, {}).get("value")
    return found


def _missing(runs: Sequence[Scored], metric: str) -> str:
    run = next(run for run in runs if _value(run, metric) is None)
    return run.result["metrics"].get(metric, {}).get("reason") or f"{run.label} was not scored by it"


def _of_means(difference: Difference, scored: Sequence[Scored]) -> Difference:
    """With what the per-image tables say."""
    first, second = scored[difference.first], scored[difference.second]
    a, b = first.column(difference.metric), second.column(difference.metric)
    if not np.isfinite(a - b).any():
        return replace(difference, reason="no image has a value in both runs")
    found = paired(a, b, first.scenes)
    told = replace(difference, effect=found.effect, interval=found.interval, per_scene=found.per_scene)
    return replace(told, reason=OTHER_PARTS) if show_other_parts(first, second) else replace(told, test=found.test)


def _of_features(difference: Difference, features: Sequence[Any], scenes: Sequence[str]) -> Difference:
    """With what the features say."""
    (first, references), (second, others) = features[difference.first], features[difference.second]
    by = units(scenes, most=distances.most_groups(len(scenes)))
    left_out = LEFT_OUT[difference.metric]
    if by.scenes < FEW:
        sure = too_few(by)
    else:
        sure = distances.interval(left_out(references, first, by) - left_out(others, second, by), by)
    if not np.array_equal(references, others):
        return replace(difference, interval=sure, reason=OTHER_PARTS)
    return replace(difference, interval=sure, test=SWAPS[difference.metric](references, first, second, by))
