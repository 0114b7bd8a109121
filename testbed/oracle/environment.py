"""Section 9: the environment of a zone-hour."""

from __future__ import annotations

from testbed.oracle.step import Step


def _mean(column: str) -> str:
    return f"ratio_half_up(sum(milli({column})), count({column})) / 1000"


STEPS = {
    "agg_environment_zone_hours": Step(
        f"""
        with observations as (
            select *, date_trunc('hour', event_time) as hour,
                count(*) over (partition by zone_id, date_trunc('hour', event_time), condition) as alike
            from int_weather_received where row_status = 'clean' and zone_id is not null
        )
        select zone_id, hour as event_hour, count(*) as observation_count,
            len(list_distinct(list(station_id))) as station_count,
            {_mean("temperature_c")} as mean_temperature_c,
            round_to(min(temperature_c), 1000) as min_temperature_c,
            round_to(max(temperature_c), 1000) as max_temperature_c,
            {_mean("humidity_pct")} as mean_humidity_pct,
            {_mean("precipitation_mm")} as mean_precipitation_mm,
            {_mean("wind_speed_kmh")} as mean_wind_speed_kmh,
            round_to(max(wind_speed_kmh), 1000) as max_wind_speed_kmh,
            {_mean("air_quality_index")} as mean_air_quality_index,
            round_to(max(air_quality_index), 1000) as max_air_quality_index,
            first(condition order by alike desc, condition) filter (where condition is not null) as main_condition
        from observations group by zone_id, hour
        """,
        ("int_weather_received",),
    ),
}
