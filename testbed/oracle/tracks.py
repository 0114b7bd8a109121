"""Section 5: which fixes and which readings of a trip a vehicle can have been at, and the way that the fixes make."""

from __future__ import annotations

from testbed.oracle.step import Step

_TRIP = "vehicle_id, trip_id, departure_hour"
_HOUR = f"{_TRIP}, event_hour"


def _jump(a: str, b: str) -> str:
    """Is there a jump from fix `a` to the later fix `b`, two structs? NULL if one is missing."""
    way = f"millimetres({a}.latitude, {a}.longitude, {b}.latitude, {b}.longitude)"
    time = f"millis_between({b}.event_time, {a}.event_time)"
    return f"(18 * ({way} - 2000 * $track_max_accuracy_m) > 5 * $track_max_speed_kmh * {time})"


def _plausible(parts: str, rows: str, key: str, order: str) -> str:
    """A SELECT of the `rows` whose part (`order` within `key`) no better one of the `parts` contradicts.

    A part has its size, and its first and its last fix as the structs `head` and `tail`.
    """
    return f"""
        with pairs as (
            select {key}, p.{order} as it, q.{order} as against, q.size as against_size
            from {parts} p join {parts} q using ({key})
            where case when p.{order} < q.{order} then {_jump("p.tail", "q.head")}
                when p.{order} > q.{order} then {_jump("q.tail", "p.head")} else false end
        ),
        opposing as (select {key}, it, sum(against_size) as opposed from pairs group by all),
        counted as (
            select {_of("p", key)}, p.{order} as it, [coalesce(opposed, 0), -p.size] as badness
            from {parts} p left join opposing o on o.it = p.{order} and {_equal("o", "p", key)}
        ),
        reference as (select {key}, first(it order by badness, it) as best from counted group by {key}),
        agreeing as (
            select c.* from counted c join reference using ({key})
            where not exists (from pairs q where q.it = c.it and q.against = best and {_equal("q", "c", key)})
        )
        select r.* from {rows} r join agreeing own on own.it = r.{order} and {_equal("own", "r", key)}
        where not exists (
            from pairs x join agreeing other on other.it = x.against and {_equal("other", "x", key)}
            where x.it = own.it and {_equal("x", "own", key)} and (other.badness, other.it) < (own.badness, own.it)
        )
        """


def _of(relation: str, key: str) -> str:
    return ", ".join(f"{relation}.{column}" for column in key.split(", "))


def _equal(a: str, b: str, key: str) -> str:
    return " and ".join(f"{a}.{column} = {b}.{column}" for column in key.split(", "))


_FIX = "struct_pack(event_time, latitude, longitude, still)"


def _runs(points: str, number: str) -> str:
    """A SELECT of the `points` of trip hours (in the order of `number`) as `fix`, each with the run that it is of.

    A run is named by the number of its first point, the one that a jump leads to.
    """
    return f"""
        with pairs as (
            select *, {_FIX} as fix, lag({_FIX}) over (partition by {_HOUR} order by {number}) as before from {points}
        )
        select *, max(case when before is null or {_jump("before", "fix")} then {number} end)
            over (partition by {_HOUR} order by {number}) as run
        from pairs
        """


def _ends(rows: str, key: str, number: str) -> str:
    """A SELECT of the parts (`key`) of `rows`: their size, first and last fix."""
    return f"""
        select {key}, count(*) as size, arg_min(fix, {number}) as head, arg_max(fix, {number}) as tail
        from {rows} group by all
        """


STEPS = {
    "trip_fixes": Step(
        f"""
        with spans as (
            select {_TRIP}, event_hour, min(event_time) as first_time, max(event_time) as last_time
            from trip_readings group by all
        )
        select s.trip_id, s.departure_hour, g.*, milli(g.speed_kmh) <= 1000 * $stop_max_kmh as still,
            row_number() over (
                partition by g.vehicle_id, s.trip_id, g.event_hour order by g.event_time, g.event_id
            ) as nth
        from spans s join int_vehicle_gps_received g on g.vehicle_id = s.vehicle_id
            and g.event_hour = s.event_hour and g.event_time between s.first_time and s.last_time
        where g.row_status = 'clean' and g.accuracy_m <= $track_max_accuracy_m
        """,
        ("trip_readings", "int_vehicle_gps_received"),
    ),
    "runs_of_fixes": Step(_runs("trip_fixes", "nth"), ("trip_fixes",)),
    "fix_runs": Step(_ends("runs_of_fixes", f"{_HOUR}, run", "nth"), ("runs_of_fixes",)),
    "fixes_of_hours": Step(_plausible("fix_runs", "runs_of_fixes", _HOUR, "run"), ("fix_runs", "runs_of_fixes")),
    "fix_hours": Step(_ends("fixes_of_hours", _HOUR, "nth"), ("fixes_of_hours",)),
    "fixes_on_track": Step(_plausible("fix_hours", "fixes_of_hours", _TRIP, "event_hour"), ("fix_hours",)),
    # The readings likewise.
    "runs_of_readings": Step(_runs("trip_readings", "reading_number"), ("trip_readings",)),
    "reading_runs": Step(_ends("runs_of_readings", f"{_HOUR}, run", "reading_number"), ("runs_of_readings",)),
    "readings_of_hours": Step(_plausible("reading_runs", "runs_of_readings", _HOUR, "run"), ("reading_runs",)),
    "reading_hours": Step(_ends("readings_of_hours", _HOUR, "reading_number"), ("readings_of_hours",)),
    "readings_on_track": Step(
        _plausible("reading_hours", "readings_of_hours", _TRIP, "event_hour"), ("reading_hours",)
    ),
    "trip_tracks": Step(
        f"""
        with steps as (
            select * exclude (before), lag(fix) over (partition by {_TRIP} order by event_time, event_id) as before
            from fixes_on_track
        ),
        tracks as (
            select {_TRIP}, count(*) as fix_count, min(vehicle_type) as vehicle_type, coalesce(sum(case
                when not (before.still and fix.still)
                    then millimetres(before.latitude, before.longitude, latitude, longitude)
                end), 0) as distance_mm
            from steps group by all
        )
        select t.*, a.all_count - t.fix_count as implausible_fix_count
        from tracks t join (select {_TRIP}, count(*) as all_count from trip_fixes group by all) a using ({_TRIP})
        """,
        ("trip_fixes", "fixes_on_track"),
    ),
}
