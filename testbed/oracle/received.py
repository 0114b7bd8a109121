"""Section 2: the row rules, duplicates, zones; each raw row once, judged."""

from __future__ import annotations

from contract.model import Topic
from testbed.oracle.step import Step

# One number of a location; RE2 matches digits of ASCII only and no trailing newline.
_NUMBER = r"-?[0-9]{1,3}(\.[0-9]{1,40})?([eE](-[0-9]{1,3}|\+?0?[0-9]{1,2}))?"
LOCATION = f"{_NUMBER}, *{_NUMBER}"


def _between(value: str, low: int, high: int) -> str:
    return f"{value} >= {low} and {value} <= {high}"


def _one_of(column: str, *names: str) -> str:
    return f"{column} in ({', '.join(repr(name) for name in names)})"


# (reason, the condition that a valid row fulfils), in the order of the definitions.
_EVERYWHERE = (
    "event_time_out_of_range",
    "_kafka_timestamp is not null"
    " and millis_between(_kafka_timestamp, event_time) between -$event_ahead_ms and $event_behind_ms",
)
_LOCATED = (
    ("location_malformed", "text_latitude is not null and text_longitude is not null"),
    ("latitude_out_of_range", _between("text_latitude", -90, 90)),
    ("longitude_out_of_range", _between("text_longitude", -180, 180)),
)
# The same, and the tables that have the rule.
_TELEMETRY, _GPS, _SENSORS, _WEATHER = "vehicle_telemetry", "vehicle_gps", "traffic_sensors", "weather"
_INCIDENTS, _CAMERAS, _SAMPLES = "emergency_incidents", "traffic_cameras", "sensors_sample"
_ROW_RULES: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    ("speed_out_of_range", _between("speed_kmh", 0, 250), (_TELEMETRY, _GPS)),
    ("speed_out_of_range", _between("speed", 0, 200), (_SAMPLES,)),
    ("heading_out_of_range", "heading >= 0 and heading < 360", (_TELEMETRY, _GPS)),
    ("year_out_of_range", _between("year", 1950, 2100), (_TELEMETRY,)),
    ("fuel_type_unknown", _one_of("fuel_type", "petrol", "diesel", "hybrid", "electric"), (_TELEMETRY,)),
    ("vehicle_type_unknown", _one_of("vehicle_type", "car", "van", "truck", "bus"), (_GPS,)),
    ("accuracy_out_of_range", _between("accuracy_m", 0, 10_000), (_GPS,)),
    ("vehicle_count_out_of_range", _between("vehicle_count", 0, 1000), (_SENSORS,)),
    (
        "average_speed_out_of_range",
        f"average_speed_kmh is null or ({_between('average_speed_kmh', 0, 250)})",
        (_SENSORS,),
    ),
    ("average_speed_missing", "vehicle_count <= 0 or average_speed_kmh is not null", (_SENSORS,)),
    ("occupancy_out_of_range", _between("occupancy_pct", 0, 100), (_SENSORS,)),
    ("temperature_out_of_range", _between("temperature_c", -60, 60), (_WEATHER,)),
    ("condition_unknown", _one_of("condition", "clear", "cloudy", "fog", "rain", "heavy_rain", "snow"), (_WEATHER,)),
    ("precipitation_out_of_range", _between("precipitation_mm", 0, 500), (_WEATHER,)),
    ("wind_speed_out_of_range", _between("wind_speed_kmh", 0, 400), (_WEATHER,)),
    ("humidity_out_of_range", _between("humidity_pct", 0, 100), (_WEATHER,)),
    ("air_quality_index_out_of_range", _between("air_quality_index", 0, 500), (_WEATHER,)),
    ("incident_type_unknown", _one_of("incident_type", "accident", "fire", "medical", "hazard"), (_INCIDENTS,)),
    ("status_unknown", _one_of("status", "reported", "dispatched", "on_scene", "resolved"), (_INCIDENTS,)),
    ("severity_out_of_range", _between("severity", 1, 5), (_INCIDENTS,)),
    ("detected_vehicles_out_of_range", _between("detected_vehicles", 0, 1000), (_CAMERAS,)),
    ("rpm_out_of_range", _between("rpm", 0, 8000), (_SAMPLES,)),
    ("gear_out_of_range", _between("gear", 1, 7), (_SAMPLES,)),
)


def received_step(topic: Topic) -> Step:
    """`int_<table>_received`: the contract's columns, then event_hour, row_status, invalid_reason and the place."""
    located = any(column.name == "location" for column in topic.columns)
    required = (column.name for column in topic.columns if column.required and column.name.endswith("_id"))
    ids = [(f"{name}_blank", f"not is_blank({name})") for name in required]
    rules = [_EVERYWHERE, *ids, *(_LOCATED if located else ())]
    rules += [(reason, holds) for reason, holds, tables in _ROW_RULES if topic.table in tables]
    broken = "\n".join(f"when not coalesce({holds}, false) then '{reason}'" for reason, holds in rules)
    own = ", ".join(f"r.{column.name}" for column in topic.columns)
    place = "r.latitude, r.longitude, z.zone_id," if located else ""
    return Step(f"""
        with located as (
            select *, {_location() if located else "null as text_latitude, null as text_longitude"}
            from raw_{topic.table}
        ),
        judged as (
            select *, case {broken} end as invalid_reason,
                round_to(text_latitude, 1000000) as latitude, round_to(text_longitude, 1000000) as longitude
            from located
        ),
        ranked as (
            select *, row_number() over (
                partition by event_id, event_time, invalid_reason is null
                order by _landed_at, _kafka_partition, _kafka_offset, _kafka_generation
            ) as arrival
            from judged
        )
        select {own},
            date_trunc('hour', case when r.invalid_reason = 'event_time_out_of_range'
                then case when year(r._kafka_timestamp) between 1970 and 2261 then r._kafka_timestamp
                    else r._landed_at end
                else r.event_time end) as event_hour,
            case when r.invalid_reason is not null then 'invalid' when r.arrival = 1 then 'clean'
                else 'duplicate' end as row_status,
            r.invalid_reason, {place}
            r._kafka_topic, r._kafka_generation, r._kafka_partition, r._kafka_offset, r._kafka_timestamp, r._landed_at
        from ranked r left join seed_zones z
            on r.latitude >= z.min_latitude and r.latitude < z.max_latitude
            and r.longitude >= z.min_longitude and r.longitude < z.max_longitude
        """)


def _location() -> str:
    return ", ".join(
        f"case when regexp_full_match(location, '{LOCATION}')"
        f" then try_cast(trim(string_split(location, ',')[{part}]) as double) end as text_{name}"
        for part, name in ((1, "latitude"), (2, "longitude"))
    )
