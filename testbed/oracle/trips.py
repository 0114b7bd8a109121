"""Section 5: trips, route-hours and zone demand, from the single readings and the tracks."""

from __future__ import annotations

from testbed.oracle.step import Step

_TRIP = "vehicle_id, trip_id, departure_hour"


STEPS = {
    # Each reading of a trip, numbered; a departure is an hour without another of the trip in the longest time before.
    "trip_readings": Step(
        """
        with readings as (
            select *, milli(speed_kmh) <= 1000 * $stop_max_kmh as still
            from int_vehicle_telemetry_received where row_status = 'clean' and trip_id is not null
        ),
        departures as (
            select distinct vehicle_id, trip_id, event_hour as departure_hour from readings r
            where not exists (
                from readings b where b.vehicle_id = r.vehicle_id and b.trip_id = r.trip_id
                and b.event_hour < r.event_hour and b.event_hour >= r.event_hour - to_hours($trip_longest_hours)
            )
        )
        select r.*, d.departure_hour, row_number() over (
            partition by r.vehicle_id, r.trip_id, d.departure_hour order by r.event_time, r.event_id
        ) as reading_number
        from readings r join departures d on r.vehicle_id = d.vehicle_id and r.trip_id = d.trip_id
            and r.event_hour >= d.departure_hour
            and r.event_hour < d.departure_hour + to_hours($trip_longest_hours)
        """,
        ("int_vehicle_telemetry_received",),
    ),
    # A run goes on as long as no reading that moves comes between.
    "trip_stops": Step(
        f"""
        with runs as (
            select *, count(*) filter (where not still) over (
                partition by {_TRIP} order by reading_number
            ) as moved_before
            from trip_readings
        ),
        still_runs as (
            select {_TRIP}, millis_between(max(event_time), min(event_time)) as still_ms
            from runs where still group by {_TRIP}, moved_before
        )
        select {_TRIP}, count(*) as stop_count, sum(still_ms) as stopped_ms
        from still_runs where still_ms >= $stop_min_ms group by all
        """,
        ("trip_readings",),
    ),
    "fct_trips": Step(
        f"""
        with ends as (
            select {_TRIP}, arg_min(struct_pack(route_id), reading_number) as head,
                min(event_time) as departed_at, max(event_time) as last_seen_at, count(*) as reading_count
            from trip_readings group by all
        ),
        places as (
            select {_TRIP}, arg_min(struct_pack(zone_id), reading_number) as origin, count(*) as placed_count,
                arg_max(struct_pack(zone_id, latitude, longitude), reading_number) as tail
            from readings_on_track group by all
        ),
        placed as (
            select e.*, places.* exclude ({_TRIP}), r.*, z.zone_id as destination_zone_id,
                millis_between(last_seen_at, departed_at) as took_ms,
                coalesce(millimetres(tail.latitude, tail.longitude, destination_latitude, destination_longitude)
                    <= 1000 * $arrival_radius_m, false) as has_arrived,
                60 * milli(free_flow_minutes) as planned_ms
            from ends e join places using ({_TRIP}) left join seed_routes r on r.route_id = e.head.route_id
            left join seed_zones z
                on destination_latitude >= z.min_latitude and destination_latitude < z.max_latitude
                and destination_longitude >= z.min_longitude and destination_longitude < z.max_longitude
        )
        select p.vehicle_id, p.trip_id, p.departure_hour as event_hour, head.route_id as route_id,
            p.origin_city, p.destination_city, t.vehicle_type, origin.zone_id as origin_zone_id,
            p.destination_zone_id, tail.zone_id as last_zone_id, departed_at, last_seen_at,
            case when has_arrived then last_seen_at end as arrived_at, has_arrived,
            ratio_half_up(took_ms, 600) / 100 as duration_minutes,
            milli(free_flow_minutes) / 1000 as planned_minutes,
            case when has_arrived then ratio_half_up(took_ms - planned_ms, 600) / 100 end as delay_minutes,
            ratio_half_up(distance_mm, 1000) / 1000 as distance_km,
            case when has_arrived or distance_mm > 1000 * milli(p.distance_km) then 100
                else ratio_half_up(10 * distance_mm, milli(p.distance_km)) / 100 end as progress_pct,
            ratio_half_up(3600 * distance_mm, took_ms) / 1000 as mean_speed_kmh,
            coalesce(s.stop_count, 0) as stop_count,
            ratio_half_up(coalesce(s.stopped_ms, 0), 600) / 100 as stopped_minutes,
            p.reading_count, p.reading_count - p.placed_count as implausible_reading_count,
            coalesce(t.fix_count, 0) as fix_count,
            coalesce(t.implausible_fix_count, 0) as implausible_fix_count
        from placed p
        left join trip_tracks t using ({_TRIP})
        left join trip_stops s using ({_TRIP})
        """,
        ("trip_readings", "readings_on_track", "trip_tracks", "trip_stops"),
    ),
    "arrived_trips": Step(
        """
        select t.*, millis_between(arrived_at, departed_at) as took_ms, 60 * milli(planned_minutes) as planned_ms
        from fct_trips t where has_arrived
        """,
        ("fct_trips",),
    ),
    "agg_route_hours": Step(
        """
        with departed as (
            select t.route_id, t.event_hour, r.origin_city, r.destination_city, t.planned_minutes,
                count(*) as departure_count
            from fct_trips t join seed_routes r on r.route_id = t.route_id group by all
        ),
        arrived as (
            select route_id, event_hour, count(*) as arrived_count, sum(took_ms) as took_sum,
                max(planned_ms) as planned, sum(took_ms - planned_ms) as late_sum,
                count(*) filter (where took_ms <= $on_time_ratio * planned_ms) as on_time,
                percentile_half_up(list(took_ms), 50) as p50, percentile_half_up(list(took_ms), 90) as p90,
                percentile_half_up(list(took_ms), 95) as p95
            from arrived_trips group by all
        ),
        -- The alternatives are counted and ranked among those that someone has arrived by.
        ranked as (
            select a.*, row_number() over (hour_ways order by p50, p90, route_id) as route_rank
            from arrived a join seed_routes r using (route_id)
            window hour_ways as (partition by event_hour, r.origin_city, r.destination_city)
        ),
        ways as (
            select event_hour, origin_city, destination_city, count(*) as alternative_count
            from arrived join seed_routes using (route_id) group by all
        )
        select d.*, coalesce(arrived_count, 0) as arrived_count,
            ratio_half_up(took_sum, 600 * arrived_count) / 100 as mean_minutes,
            ratio_half_up(p50, 600) / 100 as p50_minutes, ratio_half_up(p90, 600) / 100 as p90_minutes,
            ratio_half_up(p95, 600) / 100 as p95_minutes,
            ratio_half_up(late_sum, 600 * arrived_count) / 100 as mean_delay_minutes,
            ratio_half_up(10000 * on_time, arrived_count) / 100 as on_time_pct,
            case when arrived_count >= $planning_min_trips then ratio_half_up(1000 * p95, planned) / 1000 end
                as planning_time_index,
            coalesce(alternative_count, 0) as alternative_count, route_rank
        from departed d
        left join ranked using (route_id, event_hour)
        left join ways using (event_hour, origin_city, destination_city)
        """,
        ("fct_trips", "arrived_trips"),
    ),
    "agg_zone_demand_hours": Step(
        """
        select origin_zone_id, destination_zone_id, event_hour, count(*) as trip_count,
            count(*) filter (where t.has_arrived) as arrived_count,
            len(list_distinct(list(vehicle_id))) as vehicle_count,
            count(*) filter (where vehicle_type = 'bus') as bus_trip_count,
            len(list_distinct(list(route_id))) as route_count,
            ratio_half_up(sum(took_ms), 600 * count(took_ms)) / 100 as mean_minutes,
            ratio_half_up(sum(took_ms - planned_ms), 600 * count(took_ms)) / 100 as mean_delay_minutes,
            sum(stop_count)::bigint as stop_count
        from fct_trips t
        left join (select vehicle_id, trip_id, event_hour, took_ms, planned_ms from arrived_trips) a
            using (vehicle_id, trip_id, event_hour)
        where origin_zone_id is not null and destination_zone_id is not null group by all
        """,
        ("fct_trips", "arrived_trips"),
    ),
}
