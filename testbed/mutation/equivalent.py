"""Mutants that change no row, judged by hand: (file, the line as changed) and why."""

from __future__ import annotations

_PARTS = "input(ref('int_trip_parts'), reach=longest, ahead=longest - 2),"
_AHEAD = (
    "a row whose later hours change is written anew by int_trips, so that fct_trips tells of it; only what vanishes"
    " needs the parts, and a part lets nothing vanish before its own hour."
)
_FROM_NTH = "one row of a group is the first, so that its least and its greatest value are the same."

EQUIVALENT: dict[tuple[str, str], str] = {
    ("models/intermediate/hours/int_trips.sql", "left join trip_parts"): (
        "a stop in an hour of no trip then has no departure_hour, and the last join, by equality, finds no such stop."
    ),
    (
        "macros/hours/hours_of.sql",
        "{% macro hours_of(milliseconds) %}{{ return(((milliseconds | int) + 3599999) // 3600001) }}{% endmacro %}",
    ): "the constants that it is given (5 s, 1 h and 6 h) are as many hours, so that the SQL is the same.",
    (
        "models/marts/emergency/fct_emergency_incidents.sql",
        "min(case when nth_part = 1 then latitude end) as latitude,",
    ): (_FROM_NTH),
    ("macros/rules/incidents_in_force.sql", "left join incidents"): (
        "a row without an incident then has one of NULLs, which the last left join would have given it too."
    ),
    ("macros/hours/no_rows.sql", "{% macro no_rows() %}{{ return('2 = 0') }}{% endmacro %}"): (
        "no row meets it either, and all that look for it look for the same text."
    ),
    (
        "macros/scores/robust_status.sql",
        "when coalesce({{ measure }}.minute_count, 1) < {{ var('baseline_min_minutes') }} then 'cold_start'",
    ): "one minute is as much too few as none.",
    ("models/marts/trips/agg_route_hours.sql", _PARTS): _AHEAD,
    ("models/marts/trips/agg_zone_demand_hours.sql", _PARTS): _AHEAD,
}
