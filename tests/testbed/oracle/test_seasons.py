"""The oracle's scores against the hour of the week, on cases computed by hand."""

from __future__ import annotations

from pathlib import Path

from tests.testbed.oracle.test_scores import base, scored

WEEK = 7 * 24 * 60


def weeks(*values: tuple[int, float], start: int = 0) -> dict[int, tuple[int, float | None, float]]:
    """A minute of the same hour in each week before, the newest week first."""
    return {start - WEEK * (number + 1): (count, 60.0, occupancy) for number, (count, occupancy) in enumerate(values)}


def test_the_hours_of_the_week_are_the_same_hour_of_the_four_weeks_before(tmp_path: Path) -> None:
    rush = weeks((10, 30.0), (20, 40.0), (30, 50.0), (40, 60.0), (99, 0.0))  # the fifth is too old
    around = {-WEEK - 1: (99, 60.0, 99.0), -WEEK + 60: (99, 60.0, 99.0), -2 * WEEK + 59: (50, 60.0, 70.0)}
    minutes = {**rush, **around, **base((5, 10.0), (5, 20.0), (5, 30.0)), 0: (60, 60.0, 70.0)}
    row = scored(tmp_path, minutes, season_min_minutes=5)
    assert (row["occupancy_basis"], row["volume_basis"]) == ("hour_of_week", "hour_of_week")
    assert (row["occupancy_robust_z"], row["occupancy_effect_points"]) == (1.349, 20.0)  # M = 50, MAD = 10
    assert (row["volume_robust_z"], row["volume_ratio"]) == (2.0235, 2.0)  # M = 30, MAD = 10
    one_more = scored(tmp_path / "more", minutes, season_min_minutes=6)
    assert (one_more["occupancy_basis"], one_more["volume_basis"]) == ("hours_before", None)
    assert one_more["volume_status"] == "zero_variance"
    assert (one_more["occupancy_effect_points"], one_more["occupancy_robust_z"]) == (50.0, 3.3725)
    shorter = scored(tmp_path / "shorter", minutes, season_min_minutes=4, season_weeks=3)
    assert shorter["occupancy_effect_points"] == 25.0  # of 30, 40, 50, 70


def test_hours_of_the_week_that_were_all_alike_are_no_basis_each_measure_alone(tmp_path: Path) -> None:
    minutes = {**weeks((9, 0.0), (8, 0.0), (7, 0.0)), **base((5, 1.0), (6, 2.0), (7, 3.0)), 0: (8, 60.0, 40.0)}
    row = scored(tmp_path, minutes, season_min_minutes=3)
    assert (row["occupancy_basis"], row["volume_basis"]) == ("hours_before", "hour_of_week")
    assert (row["occupancy_effect_points"], row["volume_ratio"]) == (38.0, 1.0)


def test_the_hour_of_the_week_scores_a_sensor_that_was_silent_for_a_day(tmp_path: Path) -> None:
    row = scored(tmp_path, {**weeks((10, 30.0), (20, 40.0), (30, 50.0)), 0: (60, 60.0, 70.0)}, season_min_minutes=3)
    assert (row["occupancy_status"], row["occupancy_basis"]) == ("scored", "hour_of_week")
    silent = scored(tmp_path / "out", {**weeks((10, 30.0), (20, 40.0)), 0: (60, 60.0, 70.0)}, season_min_minutes=3)
    assert (silent["occupancy_status"], silent["occupancy_basis"]) == ("cold_start", None)
