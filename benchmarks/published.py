"""The anomaly formulas that Elementary and re_data publish, and the 3-sigma rule, over one series of buckets.

Sources, read in November 2026 (words and names, no code taken over):

- Elementary: docs.elementary-data.com, "Data anomaly detection method", `anomaly_sensitivity` (3), `training_period`
  (14 days), `exclude_detection_period_from_training` (false); github.com/elementary-data/dbt-data-reliability,
  get_anomaly_scores_query.sql: mean and standard deviation over the buckets up to and *with* the scored one; no score
  below `min_training_set_size` (7) buckets, 0 without a variance.
- re_data: github.com/re-data/dbt-re-data, re_data_last_stats.sql and re_data_z_score.sql: z over a window of
  `anomaly_detection_look_back_days` (30), the scored value in it; `modified_z_score` by median and MAD (mean absolute
  deviation where the MAD is 0); the detector's threshold is 3. (The stored version takes the 25th percentile for the
  median, a slip; here it is the median.)

A series is a float array in time order, without gaps; a score belongs to the value at its place, NaN if there is none.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

Series = NDArray[np.float64]

THRESHOLD = 3.0
ELEMENTARY_MINIMUM = 7
_RE_DATA_EPSILON = 1e-10


def elementary(values: Series, buckets: int | None = None) -> Series:
    """Elementary's score over the last `buckets` values (all there are, by default), the scored one among them."""
    count, mean, deviation = _window(values, buckets)
    with np.errstate(divide="ignore", invalid="ignore"):
        scores = np.where(deviation == 0, 0.0, (values - mean) / deviation)
    return np.where(count >= ELEMENTARY_MINIMUM, scores, np.nan)


def re_data(values: Series, buckets: int | None = None) -> Series:
    """re_data's `z_score` over the last `buckets` values (all there are, by default), the scored one among them."""
    _, mean, deviation = _window(values, buckets)
    return (values - mean) / (deviation + _RE_DATA_EPSILON)


def re_data_modified(values: Series) -> Series:
    """re_data's `modified_z_score` over all values up to the scored one, which is among them."""
    scores = np.empty(len(values))
    for at, value in enumerate(values):
        seen = values[: at + 1]
        median = _median(seen)
        away = np.abs(seen - median)
        mad = _median(away)
        spread = mad / 0.6745 if mad > 0 else 1.253314 * np.mean(away)
        scores[at] = (value - median) / (spread + _RE_DATA_EPSILON)
    return scores


def three_sigma(values: Series) -> Series:
    """z against the mean and standard deviation of the whole series, what comes later too."""
    if len(values) < 2:
        return np.full(len(values), np.nan)
    return (values - values.mean()) / (values.std(ddof=1) + _RE_DATA_EPSILON)


def largest_score(count: int) -> float:
    """The largest |z| that any of `count` values can have against their own mean and standard deviation."""
    return (count - 1) / math.sqrt(count)


def _median(values: Series) -> float:
    """As np.median, several times as fast for a few hundred values."""
    low, high = (len(values) - 1) // 2, len(values) // 2
    parted = np.partition(values, (low, high))
    return float(parted[low] + parted[high]) / 2


def _window(values: Series, buckets: int | None) -> tuple[Series, Series, Series]:
    """Count, mean and sample standard deviation (NaN for one value) of the window that ends with each value."""
    ends = np.arange(1, len(values) + 1)
    starts = np.zeros_like(ends) if buckets is None else np.maximum(0, ends - buckets)
    count = (ends - starts).astype(float)
    shift = values[0] if len(values) else 0.0  # so that equal values have sums of 0, and no variance
    s1, s2 = (np.concatenate([[0.0], np.cumsum((values - shift) ** power)]) for power in (1, 2))
    s1, s2 = s1[ends] - s1[starts], s2[ends] - s2[starts]
    with np.errstate(divide="ignore", invalid="ignore"):
        variance = np.maximum(0.0, s2 - s1 * s1 / count) / (count - 1)
    return count, shift + s1 / count, np.sqrt(variance)
