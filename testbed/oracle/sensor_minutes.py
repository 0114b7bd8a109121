"""Section 4: sensor-minutes and road-hours."""

from __future__ import annotations

from testbed.oracle.step import Step

STEPS = {
    "placed_sensors": Step(
        """
        select s.sensor_id, s.road_id, z.zone_id, 60 // s.sample_interval_s as samples_due
        from seed_sensors s left join seed_zones z
            on s.latitude >= z.min_latitude and s.latitude < z.max_latitude
            and s.longitude >= z.min_longitude and s.longitude < z.max_longitude
        """
    ),
    # Clean samples, in fixed point, each with the road that it counts for.
    "sensor_samples": Step(
        """
        select r.sensor_id, s.sensor_id is not null as is_known, date_trunc('minute', r.event_time) as minute_start,
            r.event_hour, case when s.sensor_id is not null then s.road_id else r.road_id end as road_id,
            r.zone_id as sample_zone_id, r.vehicle_count,
            milli(r.average_speed_kmh) as speed_milli, milli(r.occupancy_pct) as occupancy_milli
        from int_traffic_sensors_received r left join placed_sensors s on s.sensor_id = r.sensor_id
        where r.row_status = 'clean'
        """,
        ("int_traffic_sensors_received", "placed_sensors"),
    ),
    # The minutes that enough sensors of the seed report for a moment to have come, some of them for all to be due.
    "heard_minutes": Step(
        """
        with reporting as (
            select minute_start, count(distinct sensor_id) as sensors from sensor_samples where is_known group by all
        )
        select minute_start, date_trunc('hour', minute_start) as hour,
            sensors >= $watched_min_share * (select count(*) from placed_sensors) as is_reported
        from reporting where sensors >= least($watched_min_sensors, (select count(*) from placed_sensors) - 1)
        """,
        ("sensor_samples", "placed_sensors"),
    ),
    # From each heard minute to the next, as far as what is heard in the longest gap says that time has come.
    "watched_minutes": Step(
        """
        with bounded as (
            select minute_start, lead(minute_start) over (order by minute_start) as following,
                max(case when is_reported then minute_start else minute_start - to_milliseconds($event_ahead_ms) end)
                    over longest_gap as come
            from heard_minutes
            window longest_gap as (
                order by hour range between current row and interval ($watched_gap_hours) hours following
            )
        ),
        spread as (select unnest(generate_series(minute_start, come, interval 1 minute)) as m, following from bounded)
        select m as minute_start from spread where following is null or m < following
        """,
        ("heard_minutes",),
    ),
    "int_sensor_minutes": Step(
        """
        with sampled as (
            select sensor_id, minute_start, is_known, min(road_id) as road_id, min(sample_zone_id) as zone_id,
                count(*) as sample_count, cast(sum(vehicle_count) as bigint) as vehicle_count,
                cast(ratio_half_up(
                    sum(speed_milli * vehicle_count) filter (where vehicle_count > 0), sum(vehicle_count)
                ) as bigint) as speed_milli_kmh,
                cast(ratio_half_up(sum(occupancy_milli), count(*)) as bigint) as occupancy_milli_pct
            from sensor_samples group by sensor_id, minute_start, is_known
        ),
        due as (
            select s.sensor_id, s.road_id, s.zone_id, s.samples_due, w.minute_start, true as is_watched
            from placed_sensors s cross join watched_minutes w
            union all
            select s.sensor_id, s.road_id, s.zone_id, s.samples_due, m.minute_start, false
            from placed_sensors s join sampled m on s.sensor_id = m.sensor_id
            where m.minute_start not in (select minute_start from watched_minutes)
        )
        select d.sensor_id, d.road_id, d.zone_id, d.minute_start, date_trunc('hour', d.minute_start) as event_hour,
            d.is_watched, coalesce(s.sample_count, 0) as sample_count, d.samples_due, s.vehicle_count,
            s.speed_milli_kmh, s.occupancy_milli_pct
        from due d left join sampled s on s.sensor_id = d.sensor_id and s.minute_start = d.minute_start
        union all
        select sensor_id, road_id, zone_id, minute_start, date_trunc('hour', minute_start),
            minute_start in (select minute_start from watched_minutes), sample_count, 0, vehicle_count, speed_milli_kmh,
            occupancy_milli_pct
        from sampled where not is_known
        """,
        ("sensor_samples", "placed_sensors", "watched_minutes"),
    ),
    "agg_traffic_road_hours": Step(
        """
        with roads as (
            select road_id, event_hour, cast(coalesce(sum(vehicle_count), 0) as bigint) as vehicle_count,
                cast(sum(sample_count) as bigint) as sample_count, cast(sum(samples_due) as bigint) as samples_due
            from int_sensor_minutes group by road_id, event_hour
        ),
        measured as (
            select road_id, event_hour,
                ratio_half_up(
                    sum(speed_milli * vehicle_count) filter (where vehicle_count > 0), sum(vehicle_count)
                ) as speed_milli,
                percentile_half_up(list(speed_milli) filter (where vehicle_count > 0), 85) as p85_milli,
                ratio_half_up(sum(occupancy_milli), count(*)) as occupancy_milli
            from sensor_samples group by road_id, event_hour
        ),
        rated as (
            select r.*, m.* exclude (road_id, event_hour),
                ratio_half_up(1000 * m.speed_milli, milli(l.speed_limit_kmh)) / 1000 as speed_ratio
            from roads r
            left join measured m on m.road_id = r.road_id and m.event_hour = r.event_hour
            left join seed_roads l on l.road_id = r.road_id
        )
        select road_id, event_hour, vehicle_count, sample_count, samples_due,
            least(ratio_half_up(10000 * sample_count, samples_due) / 100,
                case when samples_due > 0 then 100 end) as completeness_pct,
            speed_milli / 1000 as mean_speed_kmh, p85_milli / 1000 as p85_speed_kmh,
            occupancy_milli / 1000 as mean_occupancy_pct, speed_ratio,
            case when speed_ratio is null then 'unknown'
                when speed_ratio >= $free_flow_ratio then 'free_flow'
                when speed_ratio >= $moderate_ratio then 'moderate'
                when speed_ratio >= $heavy_ratio then 'heavy'
                else 'severe' end as congestion_level
        from rated
        """,
        ("int_sensor_minutes", "sensor_samples"),
    ),
}
