"""Section 10: speeds by weather, against the zone's normal in clear weather."""

from __future__ import annotations

from testbed.oracle.nearby import NEEDS, with_nearby
from testbed.oracle.step import Step

_MINUTES = "select * from int_sensor_minutes where vehicle_count > 0 and zone_id is not null"


def _window(which: str, hours: str) -> str:
    return f"""
        select h.zone_id, h.event_hour, '{which}' as basis, coalesce(sum(c.minute_count), 0) as minutes,
            ratio_half_up(sum(c.speed_sum), sum(c.vehicle_count)) as milli
        from (select distinct zone_id, event_hour from int_zone_condition_hours) h
        left join int_zone_condition_hours c
            on c.zone_id = h.zone_id and c.weather_condition = 'clear' and c.event_hour < h.event_hour
            and c.event_hour >= h.event_hour - to_days($clear_normal_days) and {hours}
        group by h.zone_id, h.event_hour
        """


STEPS = {
    "int_zone_condition_hours": Step(
        f"""
        select zone_id, event_hour, weather_condition, count(*) as minute_count,
            cast(sum(vehicle_count) as bigint) as vehicle_count,
            cast(sum(speed_milli_kmh * vehicle_count) as bigint) as speed_sum
        from ({with_nearby(_MINUTES, "minute_start", "r.*")})
        where weather_condition is not null group by all
        """,
        ("int_sensor_minutes", *NEEDS),
    ),
    "clear_normals": Step(
        f"""
        {_window("hour_of_day", "hour(c.event_hour) = hour(h.event_hour)")}
        union all {_window("all_hours", "true")}
        """,
        ("int_zone_condition_hours",),
    ),
    "agg_weather_impact_zone_hours": Step(
        """
        with rated as (
            select c.zone_id, c.event_hour, c.weather_condition, c.minute_count, c.vehicle_count,
                ratio_half_up(c.speed_sum, c.vehicle_count) as milli,
                case when s.minutes >= $clear_normal_min_minutes then s.basis
                    when a.minutes >= $clear_normal_min_minutes then a.basis else 'cold_start' end as normal_basis,
                case when s.minutes >= $clear_normal_min_minutes then s.minutes else a.minutes end as normal_minutes,
                case when s.minutes >= $clear_normal_min_minutes then s.milli
                    when a.minutes >= $clear_normal_min_minutes then a.milli end as normal_milli
            from int_zone_condition_hours c
            join clear_normals s
                on s.zone_id = c.zone_id and s.event_hour = c.event_hour and s.basis = 'hour_of_day'
            join clear_normals a on a.zone_id = c.zone_id and a.event_hour = c.event_hour and a.basis = 'all_hours'
        )
        select zone_id, event_hour, weather_condition, minute_count, vehicle_count, milli / 1000 as mean_speed_kmh,
            normal_basis, cast(normal_minutes as bigint) as normal_minute_count,
            normal_milli / 1000 as normal_speed_kmh, (milli - normal_milli) / 1000 as speed_change_kmh,
            ratio_half_up(1000 * (milli - normal_milli), normal_milli) / 10 as speed_change_pct
        from rated
        """,
        ("int_zone_condition_hours", "clear_normals"),
    ),
}
