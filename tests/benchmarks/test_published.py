"""The formulas that the anomalies are compared with, and what a scored point in its own window makes of them."""

from __future__ import annotations

import statistics

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.published import (
    ELEMENTARY_MINIMUM,
    THRESHOLD,
    elementary,
    largest_score,
    re_data,
    re_data_modified,
    three_sigma,
)

SPEEDS = st.lists(st.integers(0, 200_000).map(lambda milli: milli / 1000), min_size=1, max_size=40)


@pytest.mark.parametrize("count", range(2, 30))
def test_a_3_sigma_rule_with_the_scored_point_inside_cannot_fire_below_11_points(count: int) -> None:
    outlier = np.array([50.0] * (count - 1) + [1e6])  # nothing can lie farther out
    assert re_data(outlier)[-1] == pytest.approx(largest_score(count))
    assert (re_data(outlier)[-1] > THRESHOLD) == (count >= 11)
    if count >= ELEMENTARY_MINIMUM:  # from 7 on it says that it is trained
        assert (elementary(outlier)[-1] > THRESHOLD) == (count >= 11)


@given(SPEEDS)
def test_no_score_is_larger_than_the_window_allows(speeds: list[float]) -> None:
    for count, score in enumerate(re_data(np.array(speeds)), start=1):
        assert count == 1 or abs(score) <= largest_score(count) + 1e-6


@given(SPEEDS, st.integers(2, 15))
def test_windows_are_means_and_deviations_of_what_they_hold(speeds: list[float], buckets: int) -> None:
    scores = elementary(np.array(speeds), buckets)
    for at, score in enumerate(scores):
        window = speeds[max(0, at + 1 - buckets) : at + 1]
        if len(window) < ELEMENTARY_MINIMUM:
            assert np.isnan(score)
        elif len(set(window)) > 1:
            expected = (speeds[at] - statistics.fmean(window)) / statistics.stdev(window)
            assert score == pytest.approx(expected, rel=1e-4, abs=1e-4)


def test_without_a_variance_elementary_scores_0() -> None:
    assert elementary(np.array([7.3] * 8)).tolist()[6:] == [0.0, 0.0]


def test_the_modified_score_is_by_median_and_mad_or_else_by_the_mean_deviation() -> None:
    assert re_data_modified(np.array([1.0, 2.0, 3.0, 4.0, 14.0]))[-1] == pytest.approx(0.6745 * 11 / 1)
    assert re_data_modified(np.array([5.0, 5.0, 5.0, 9.0]))[-1] == pytest.approx(4 / (1.253314 * 1))


def test_three_sigma_knows_the_whole_series() -> None:
    values = np.array([1.0, 2.0, 6.0])
    assert three_sigma(values)[0] == pytest.approx((1 - 3) / statistics.stdev([1, 2, 6]))
