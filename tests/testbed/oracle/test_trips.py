"""The oracle's trips, route-hours and zone demand, on cases computed by hand."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from testbed.oracle.sample_landing import Sample, at

HERE, THERE = "30.5,-97.5", "31.5,-97.5"  # z-a; z-b, where both routes end


def reading(minutes: float, speed_kmh: float = 80, trip_id: str | None = "t-1", **more: Any) -> dict[str, Any]:
    row = {"event_time": at(minutes), "trip_id": trip_id, "route_id": "r-1", "location": HERE, "speed_kmh": speed_kmh}
    return {**row, **more}


def fix(minutes: float, latitude: float, speed_kmh: float = 80, **more: Any) -> dict[str, Any]:
    return {"event_time": at(minutes), "location": f"{latitude},-97.5", "speed_kmh": speed_kmh, **more}


def test_a_trip_that_arrives(tmp_path: Path) -> None:
    telemetry = [
        reading(1, trip_id=None),
        reading(10),
        reading(59.5, 0, location="31.2,-97.5"),
        reading(60.5, 1, location="31.2,-97.5"),  # with the one before, a stop of 60 s over the hour
        reading(61, location="31.2,-97.5"),
        reading(62, 0, location="31.2,-97.5"),  # alone: no stop
        reading(75.51, location="31.504,-97.5", route_id="r-2"),  # 445 m from the end of its first route
    ]
    gps = [
        fix(9.99, 30.4),  # before the first reading
        fix(10, 30.5, vehicle_type="van"),
        fix(20, 31.0, accuracy_m=50.1),
        fix(30, 30.6, 0),
        fix(40, 30.7, 1, vehicle_type="bus"),  # still in both: the step does not count
        fix(59.9, 30.2),  # after the last reading of the hour
        fix(61, 31.4),
    ]
    row = Sample(tmp_path, {"vehicle_telemetry": telemetry, "vehicle_gps": gps}).row("fct_trips")
    driven_mm = 11_119_500 + round(0.7 * 111_195_000)
    assert (row["event_hour"], row["departed_at"], row["arrived_at"]) == (at(0), at(10), at(75.51))
    assert row["last_seen_at"] == at(75.51)
    assert (row["route_id"], row["origin_zone_id"], row["last_zone_id"]) == ("r-1", "z-a", "z-b")
    assert (row["destination_zone_id"], row["destination_city"], row["vehicle_type"]) == ("z-b", "there", "bus")
    assert (row["duration_minutes"], row["planned_minutes"], row["delay_minutes"]) == (65.51, 60.5, 5.01)
    assert row["distance_km"] == pytest.approx(driven_mm / 1e6, abs=0.0005)
    assert row["mean_speed_kmh"] == pytest.approx(driven_mm / 1e6 / (65.51 / 60), abs=0.0005)
    assert (row["has_arrived"], row["progress_pct"]) == (True, 100)
    assert (row["stop_count"], row["stopped_minutes"]) == (1, 1.0)
    assert (row["reading_count"], row["fix_count"]) == (6, 4)


def test_a_trip_on_its_way_has_no_delay_and_its_progress_by_the_track(tmp_path: Path) -> None:
    sample = Sample(
        tmp_path,
        {
            "vehicle_telemetry": [
                *(reading(0), reading(30), reading(40, trip_id="t-2", vehicle_id="car-2")),
                *(reading(50, trip_id="t-3", vehicle_id="car-3", route_id=None), reading(55, 300, "t-4")),
            ],
            "vehicle_gps": [fix(0, 30.5), fix(30, 30.95), fix(40, 30.5, vehicle_id="car-2", vehicle_type="truck")],
        },
    )
    known, single, unrouted = sample.rows("fct_trips", "departed_at")  # the reading of t-4 is invalid
    km = 0.45 * 111.195
    assert known["progress_pct"] == pytest.approx(100 * km / 100.5, abs=0.005)
    assert (known["has_arrived"], known["arrived_at"], known["delay_minutes"]) == (False, None, None)
    assert (single["distance_km"], single["progress_pct"], single["mean_speed_kmh"]) == (0, 0, None)
    assert single["vehicle_type"] == "truck"
    assert [unrouted[name] for name in ("distance_km", "progress_pct", "planned_minutes", "vehicle_type")] == [None] * 4
    assert (unrouted["destination_zone_id"], unrouted["has_arrived"]) == (None, False)


def tracks(folder: Path, *fixes: dict[str, Any], **constants: float) -> list[tuple[int, int, float, str]]:
    """Of trips with readings every half hour from minute 0 to 150: fixes on and off the track, metres, the type."""
    rows = {"vehicle_telemetry": [reading(minute) for minute in range(0, 180, 30)], "vehicle_gps": fixes}
    names = ("fix_count", "implausible_fix_count", "distance_km", "vehicle_type")
    found = Sample(folder, rows, constants=constants).rows("fct_trips", "departed_at")
    return [(row[names[0]], row[names[1]], round(1000 * row[names[2]]), row[names[3]]) for row in found]


def degrees(metres: float) -> float:
    return round(metres / 111_195, 6)


@pytest.mark.parametrize("gone", [0, 1, 4, 9])
def test_a_fix_far_off_goes_and_its_neighbours_stay(tmp_path: Path, gone: int) -> None:
    fixes = [fix(minute, 30.5 + minute * 0.005) for minute in range(10)]
    fixes[gone] |= {"location": "0,0", "vehicle_type": "bus"}
    kept = [minute for minute in range(10) if minute != gone]
    metres = round((kept[-1] - kept[0]) * 0.005 * 111_195)
    assert tracks(tmp_path, *fixes) == [(9, 1, metres, "car")]


def test_runs_far_off_go_and_the_largest_run_says_what_far_is(tmp_path: Path) -> None:
    fixes = [fix(minute, 30.5 + minute * 0.005) for minute in range(20)]
    for minute in (3, 4, 5, 9, 11, 19):
        fixes[minute] |= {"location": "0,0"}
    assert tracks(tmp_path, *fixes) == [(14, 6, round(18 * 0.005 * 111_195), "car")]


def test_an_hour_whose_fixes_are_all_far_off_is_of_no_track(tmp_path: Path) -> None:
    near = [fix(20, 30.5), fix(25, 30.51), fix(61, 30.52, vehicle_type="bus"), fix(62, 30.53), fix(63, 30.54)]
    far = [fix(70, 30.53, location="0,0"), fix(121, 0.0, location="0,0")]
    assert tracks(tmp_path, *near, *far) == [(5, 2, round(0.04 * 111_195), "bus")]


def test_a_jump_needs_more_than_the_bound_and_what_two_fixes_may_be_off(tmp_path: Path) -> None:
    # In 18 s 1250 m are 250 km/h, and 100 m more is what both fixes may be off.
    assert tracks(tmp_path / "below", fix(0, 30.5), fix(0.3, 30.5 + degrees(1349.9)))[0][:2] == (2, 0)
    assert tracks(tmp_path / "above", fix(0, 30.5), fix(0.3, 30.5 + degrees(1350.2)))[0][:2] == (1, 1)
    slower = tracks(tmp_path / "slower", fix(0, 30.5), fix(0.3, 30.5 + degrees(1349.9)), track_max_speed_kmh=249)
    assert slower[0][:2] == (1, 1)


def test_a_run_in_reach_of_the_largest_is_judged_beside_the_others_too(tmp_path: Path) -> None:
    # After 10 minutes both of the last are in reach of the largest run's end, but not of one another: the first stays.
    largest = [fix(0, 30.5), fix(1, 30.5), fix(2, 30.5)]
    assert tracks(tmp_path, *largest, fix(2.1, 31.5), fix(12, 30.2), fix(12.1, 30.6)) == [
        (4, 2, round(0.3 * 111_195 + 0.1), "car")
    ]


def test_a_fix_far_off_goes_though_the_largest_run_is_long_ago(tmp_path: Path) -> None:
    # 50 km off at minute 25; from the largest run, minutes 0 to 10, it would be in reach.
    largest = [fix(minute, 30.5) for minute in range(11)]
    far = [fix(12, 31.5), fix(25, 30.5 + degrees(50_000), vehicle_type="bus")]
    assert tracks(tmp_path, *largest, *far, fix(14, 30.5), fix(26, 30.5)) == [(13, 2, 0, "car")]


@pytest.mark.parametrize(("wrong", "kept", "gone"), [((1, 3, 5, 7, 9), 4, 7), ((0, 2), 9, 2)])
def test_of_a_track_that_alternates_stays_what_the_fewest_contradict(
    tmp_path: Path, wrong: tuple[int, ...], kept: int, gone: int
) -> None:
    places = [30.7 if minute in wrong else 30.5 for minute in range(11)]  # 22 km a minute, in reach after five
    fixes = [fix(minute, place, vehicle_type="bus" if place > 30.5 else "car") for minute, place in enumerate(places)]
    assert tracks(tmp_path, *fixes) == [(kept, gone, 0, "car")]


def arrival(*more: dict[str, Any]) -> list[dict[str, Any]]:
    """Readings of a trip from here to there, a degree north within an hour."""
    return [reading(minute, location=f"{30.5 + minute / 60},-97.5") for minute in range(0, 61, 10)] + list(more)


@pytest.mark.parametrize("where", ["0,0", "-31.5,-97.5", "31.5,97.5"])
@pytest.mark.parametrize("when", [60.2, 25, 0.0001])
def test_a_reading_far_off_changes_no_arrival_and_no_zone(tmp_path: Path, where: str, when: float) -> None:
    sample = Sample(tmp_path, {"vehicle_telemetry": arrival(reading(when, location=where))})
    row = sample.row("fct_trips")
    assert (row["has_arrived"], row["origin_zone_id"], row["last_zone_id"]) == (True, "z-a", "z-b")
    assert (row["reading_count"], row["implausible_reading_count"]) == (8, 1)
    assert row["arrived_at"] == row["last_seen_at"] == at(max(when, 60))  # it was seen then, wherever that was
    assert row["delay_minutes"] == round(max(when, 60) - 60.5, 2)


def test_an_hour_whose_readings_are_all_far_off_says_nothing_of_where_the_trip_is(tmp_path: Path) -> None:
    far = [reading(minute, location="0,0") for minute in (-2, -1, 121, 122)]
    row = Sample(tmp_path, {"vehicle_telemetry": arrival(*far)}).row("fct_trips")
    assert (row["origin_zone_id"], row["last_zone_id"], row["has_arrived"]) == ("z-a", "z-b", True)
    assert (row["departed_at"], row["last_seen_at"]) == (at(-2), at(122))
    assert (row["reading_count"], row["implausible_reading_count"]) == (11, 4)


def test_a_way_over_the_antimeridian_is_the_shorter_one(tmp_path: Path) -> None:
    fixes = [
        fix(minute, 0, location=f"0,{place}") for minute, place in ((0, 179.99), (1, -179.99), (2, 180), (3, -180))
    ]
    assert tracks(tmp_path, *fixes) == [(4, 0, round(0.03 * 111_195), "car")]


def test_a_trip_ends_after_six_hours_and_its_id_rests_for_six(tmp_path: Path) -> None:
    telemetry = [reading(60 * hour + 10) for hour in (0, 5, 6, 12, 19)] + [reading(130, vehicle_id="car-2")]
    trips = Sample(tmp_path, {"vehicle_telemetry": telemetry}).rows("fct_trips", "event_hour")
    found = [(trip["vehicle_id"], trip["event_hour"], trip["last_seen_at"]) for trip in trips]
    assert found == [
        ("car-0001", at(0), at(310)),  # the hours 6 and 12 belong to none
        ("car-2", at(120), at(130)),
        ("car-0001", at(1140), at(1150)),
    ]


def drive(vehicle: str, route_id: str, start: float, minutes: float, end: str = THERE) -> list[dict[str, Any]]:
    trip: dict[str, Any] = {"vehicle_id": vehicle, "trip_id": vehicle, "route_id": route_id}
    return [reading(start, **trip), reading(start + minutes, location=end, **trip)]


def test_a_route_hour_ranks_the_routes_by_which_somebody_arrived(tmp_path: Path) -> None:
    telemetry = [
        *drive("a", "r-1", 0, 60),
        *drive("b", "r-1", 59, 72.6),  # just 1.2 times 60.5
        *drive("c", "r-1", 10, 100),
        *drive("d", "r-1", 10, 100, end=HERE),
        *drive("e", "r-2", 20, 72.6),  # the same median, the lesser 90th percentile
        *drive("f", "r-1", 60, 61),
        *drive("g", "r-2", 60, 61, end=HERE),
        *drive("h", "unknown", 0, 30),
    ]
    sample = Sample(tmp_path, {"vehicle_telemetry": telemetry}, constants={"planning_min_trips": 1})
    columns = (
        *("route_id", "event_hour", "departure_count", "arrived_count", "mean_minutes", "p50_minutes", "p90_minutes"),
        "p95_minutes",
        *("mean_delay_minutes", "on_time_pct", "planning_time_index", "alternative_count", "route_rank"),
    )
    rows = sample.rows("agg_route_hours", "event_hour", "route_id")
    assert [tuple(row[column] for column in columns) for row in rows] == [
        ("r-1", at(0), 4, 3, 77.53, 72.6, 94.52, 97.26, 17.03, 66.67, 1.608, 2, 2),
        ("r-2", at(0), 1, 1, 72.6, 72.6, 72.6, 72.6, -17.4, 100, 0.807, 2, 1),
        ("r-1", at(60), 1, 1, 61, 61, 61, 61, 0.5, 100, 1.008, 1, 1),
        ("r-2", at(60), 1, 0, None, None, None, None, None, None, None, 1, None),
    ]


def test_the_planning_time_index_is_the_95th_percentile_of_enough_trips_over_free_flow(tmp_path: Path) -> None:
    minutes = [60.5] * 18 + [121.0] * 2  # the place of the 95th percentile is 18.05
    trips = [drive(f"v-{number:02}", "r-1", number, length) for number, length in enumerate(minutes)]
    few = Sample(tmp_path / "few", {"vehicle_telemetry": [row for trip in trips[1:] for row in trip]}).row(
        "agg_route_hours"
    )
    enough = Sample(tmp_path / "enough", {"vehicle_telemetry": [row for trip in trips for row in trip]}).row(
        "agg_route_hours"
    )
    assert (few["arrived_count"], few["p95_minutes"], few["planning_time_index"]) == (19, 121, None)
    assert (enough["arrived_count"], enough["p95_minutes"], enough["planning_time_index"]) == (20, 121, 2)


def test_demand_is_counted_at_departure_and_timed_on_arrival(tmp_path: Path) -> None:
    telemetry = [
        *drive("a", "r-1", 0, 60),
        *drive("b", "r-2", 10, 100, end=HERE),
        *drive("c", "r-1", 20, 80),
        *drive("d", "unknown", 0, 30),
        *drive("e", "r-1", 65, 10, end=HERE),
        {**reading(0, vehicle_id="f"), "location": "-45,10"},  # departs from no zone
        reading(30, vehicle_id="a", trip_id="another"),
    ]
    gps = [fix(0, 30.5, vehicle_id="a", vehicle_type="bus"), fix(30, 30.5, vehicle_id="c")]
    rows = Sample(tmp_path, {"vehicle_telemetry": telemetry, "vehicle_gps": gps}).rows(
        "agg_zone_demand_hours", "event_hour"
    )
    columns = ("trip_count", "arrived_count", "vehicle_count", "bus_trip_count", "route_count", "mean_minutes")
    assert [tuple(row[column] for column in columns) for row in rows] == [(4, 2, 3, 1, 2, 70), (1, 0, 1, 0, 1, None)]
    assert [row["mean_delay_minutes"] for row in rows] == [9.5, None]
    assert {(row["origin_zone_id"], row["destination_zone_id"]) for row in rows} == {("z-a", "z-b")}
