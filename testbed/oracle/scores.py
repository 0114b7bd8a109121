"""Section 4: the scores of sensor-minutes and the anomalies."""

from __future__ import annotations

from testbed.oracle.nearby import NEEDS, with_nearby
from testbed.oracle.step import Step

_ANOMALIES = """
    select *, case when is_speed_drop and is_unexpected_congestion then 'both'
        when is_speed_drop then 'speed_drop' else 'unexpected_congestion' end as kind
    from int_sensor_minutes_scored where is_speed_drop or is_unexpected_congestion
"""
_ANOMALY_COLUMNS = """
    r.sensor_id, r.road_id, r.zone_id, r.minute_start, r.event_hour, r.kind, r.vehicle_count,
    r.speed_milli_kmh / 1000 as mean_speed_kmh, r.occupancy_milli_pct / 1000 as mean_occupancy_pct,
    r.rolling_speed_kmh, r.rolling_vehicle_count, r.speed_z, r.speed_effect_kmh, r.speed_status,
    r.occupancy_robust_z, r.occupancy_effect_points, r.occupancy_status, r.occupancy_basis,
    r.volume_robust_z, r.volume_ratio, r.volume_status, r.volume_basis
"""

_BASELINES = """
    with middle as (
        select sensor_id, event_hour, count(*) as n, median(occupancy) as occupancy_m, median(volume) as volume_m
        from the_rows group by sensor_id, event_hour
    )
    select m.*, d.occupancy_mad, d.volume_mad
    from middle m join (
        select b.sensor_id, b.event_hour, median(abs(b.occupancy - m.occupancy_m)) as occupancy_mad,
            median(abs(b.volume - m.volume_m)) as volume_mad
        from the_rows b join middle m on m.sensor_id = b.sensor_id and m.event_hour = b.event_hour
        group by b.sensor_id, b.event_hour
    ) d on d.sensor_id = m.sensor_id and d.event_hour = m.event_hour
"""

STEPS = {
    # n, S1 and S2 of the trailing hour [m - 60 min, m - 1 min].
    "trailing_hours": Step(
        """
        with usable as (
            select *, speed_milli_kmh is not null and vehicle_count >= $minute_min_vehicles as has_speed
            from int_sensor_minutes
        )
        select sensor_id, minute_start,
            count(*) filter (where has_speed) over last_hour as n,
            sum(speed_milli_kmh) filter (where has_speed) over last_hour as s1,
            sum(speed_milli_kmh::hugeint * speed_milli_kmh) filter (where has_speed) over last_hour as s2,
            count(*) filter (where sample_count > 0) over last_hour as sampled_minutes,
            sum(vehicle_count) filter (where sample_count > 0) over last_hour as vehicles
        from usable
        window last_hour as (
            partition by sensor_id order by minute_start
            range between interval 60 minutes preceding and interval 1 minute preceding
        )
        """,
        ("int_sensor_minutes",),
    ),
    "baseline_rows": Step(
        """
        select h.sensor_id, h.event_hour, b.occupancy_milli_pct::double as occupancy, b.vehicle_count::double as volume
        from (select distinct sensor_id, event_hour from int_sensor_minutes) h
        join int_sensor_minutes b
            on b.sensor_id = h.sensor_id and b.sample_count > 0
            and b.minute_start >= h.event_hour - to_hours($baseline_hours) and b.minute_start < h.event_hour
        """,
        ("int_sensor_minutes",),
    ),
    "week_rows": Step(
        """
        select h.sensor_id, h.event_hour, b.occupancy_milli_pct::double as occupancy, b.vehicle_count::double as volume
        from (select distinct sensor_id, event_hour from int_sensor_minutes) h
        cross join range(1, $season_weeks + 1) w(weeks)
        join int_sensor_minutes b
            on b.sensor_id = h.sensor_id and b.sample_count > 0
            and date_trunc('hour', b.minute_start) = h.event_hour - to_weeks(w.weeks::integer)
        """,
        ("int_sensor_minutes",),
    ),
    "baselines": Step(_BASELINES.replace("the_rows", "baseline_rows"), ("baseline_rows",)),
    "week_baselines": Step(_BASELINES.replace("the_rows", "week_rows"), ("week_rows",)),
    # Of each measure the hour of the week, if it says enough.
    "chosen_baselines": Step(
        """
        select coalesce(b.sensor_id, w.sensor_id) as sensor_id, coalesce(b.event_hour, w.event_hour) as event_hour,
            case when w.n >= $season_min_minutes and w.occupancy_mad > 0 then
                {basis: 'hour_of_week', n: w.n, m: w.occupancy_m, mad: w.occupancy_mad}
            else {basis: 'hours_before', n: b.n, m: b.occupancy_m, mad: b.occupancy_mad} end as occupancy_of,
            case when w.n >= $season_min_minutes and w.volume_mad > 0 then
                {basis: 'hour_of_week', n: w.n, m: w.volume_m, mad: w.volume_mad}
            else {basis: 'hours_before', n: b.n, m: b.volume_m, mad: b.volume_mad} end as volume_of
        from baselines b full join week_baselines w on w.sensor_id = b.sensor_id and w.event_hour = b.event_hour
        """,
        ("baselines", "week_baselines"),
    ),
    "minute_statuses": Step(
        """
        select m.* exclude (is_watched), t.* exclude (sensor_id, minute_start),
            b.occupancy_of.m as occupancy_m, b.occupancy_of.mad as occupancy_mad,
            b.volume_of.m as volume_m, b.volume_of.mad as volume_mad,
            case when m.sample_count = 0 then 'outage'
                when m.vehicle_count < $minute_min_vehicles then 'too_few_vehicles'
                when t.n < $trailing_min_minutes then 'cold_start'
                when t.n * t.s2 = t.s1 * t.s1 then 'zero_variance'
                else 'scored' end as speed_status,
            case when m.sample_count = 0 then 'outage'
                when coalesce(b.occupancy_of.n, 0) < $baseline_min_minutes then 'cold_start'
                when b.occupancy_of.mad = 0 then 'zero_variance'
                else 'scored' end as occupancy_status,
            case when occupancy_status = 'scored' then b.occupancy_of.basis end as occupancy_basis,
            case when m.sample_count = 0 then 'outage'
                when coalesce(b.volume_of.n, 0) < $baseline_min_minutes then 'cold_start'
                when b.volume_of.mad = 0 then 'zero_variance'
                else 'scored' end as volume_status,
            case when volume_status = 'scored' then b.volume_of.basis end as volume_basis
        from int_sensor_minutes m
        join trailing_hours t on t.sensor_id = m.sensor_id and t.minute_start = m.minute_start
        left join chosen_baselines b on b.sensor_id = m.sensor_id and b.event_hour = m.event_hour
        """,
        ("int_sensor_minutes", "trailing_hours", "chosen_baselines"),
    ),
    # Products before quotients: see MACROS. 674500 = 0.6745 * 10^6.
    "int_sensor_minutes_scored": Step(
        """
        with scored as (
            select sensor_id, road_id, zone_id, minute_start, event_hour, sample_count, samples_due, vehicle_count,
                speed_milli_kmh, occupancy_milli_pct,
                ratio_half_up(s1, n) / 1000 as rolling_speed_kmh,
                ratio_half_up(1000 * vehicles, sampled_minutes) / 1000 as rolling_vehicle_count,
                case when speed_status = 'scored' then round_to(
                    ((n * speed_milli_kmh - s1) / n::double) / sqrt((n * s2 - s1 * s1)::double / (n * (n - 1))), 1000000
                ) end as speed_z,
                case when speed_status = 'scored' then ratio_half_up(n * speed_milli_kmh - s1, n) / 1000
                end as speed_effect_kmh,
                speed_status,
                case when occupancy_status = 'scored' then
                    ratio_half_up(674500 * (occupancy_milli_pct - occupancy_m), occupancy_mad) / 1000000
                end as occupancy_robust_z,
                case when occupancy_status = 'scored' then half_up(occupancy_milli_pct - occupancy_m) / 1000
                end as occupancy_effect_points,
                occupancy_status, occupancy_basis,
                case when volume_status = 'scored' then
                    ratio_half_up(674500 * (vehicle_count - volume_m), volume_mad) / 1000000
                end as volume_robust_z,
                case when volume_status = 'scored' then ratio_half_up(1000 * vehicle_count, volume_m) / 1000
                end as volume_ratio,
                volume_status, volume_basis
            from minute_statuses
        )
        select *,
            speed_status = 'scored' and speed_z <= -($speed_drop_z) and speed_effect_kmh <= -($speed_drop_min_kmh)
                as is_speed_drop,
            (occupancy_status = 'scored' and occupancy_robust_z >= $congestion_z
                and occupancy_effect_points >= $congestion_min_points)
            or (volume_status = 'scored' and volume_robust_z >= $congestion_z
                and coalesce(volume_ratio >= $congestion_min_volume_ratio, false)
                and vehicle_count >= $congestion_min_vehicles) as is_unexpected_congestion
        from scored
        """,
        ("minute_statuses",),
    ),
    "fct_traffic_anomalies": Step(
        with_nearby(_ANOMALIES, "minute_start", _ANOMALY_COLUMNS), ("int_sensor_minutes_scored", *NEEDS)
    ),
}
