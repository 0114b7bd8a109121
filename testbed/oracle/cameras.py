"""Section 5: camera snapshots with the vehicle's last reading."""

from __future__ import annotations

from testbed.oracle.step import Step

STEPS = {
    "fct_camera_observations": Step(
        """
        with readings as (
            select * from int_vehicle_telemetry_received where row_status = 'clean'
            qualify row_number() over (partition by vehicle_id, event_time order by event_id) = 1
        ),
        paired as (
            select s.*, millis_between(s.event_time, r.event_time) as age_ms,
                r.event_id as r_event_id, r.event_time as r_time, r.latitude as r_latitude,
                r.longitude as r_longitude, r.speed_kmh as r_speed, r.heading as r_heading,
                r.trip_id as r_trip_id, r.route_id as r_route_id
            from (select * from int_traffic_cameras_received where row_status = 'clean') s
            asof left join readings r on s.vehicle_id = r.vehicle_id and s.event_time >= r.event_time
        )
        select event_id, camera_id, vehicle_id, event_time, event_hour, latitude, longitude, zone_id, snapshot_uri,
            detected_vehicles, case when fresh then r_event_id end as reading_event_id,
            case when fresh then r_time end as reading_time, case when fresh then age_ms end as reading_age_ms,
            case when fresh then r_latitude end as reading_latitude,
            case when fresh then r_longitude end as reading_longitude,
            case when fresh then round_to(r_speed, 1000) end as reading_speed_kmh,
            case when fresh then north_is_0(round_to(r_heading, 1000)) end as reading_heading,
            case when fresh then r_trip_id end as trip_id, case when fresh then r_route_id end as route_id
        from (select *, age_ms <= $camera_tolerance_ms as fresh from paired)
        """,
        ("int_traffic_cameras_received", "int_vehicle_telemetry_received"),
    ),
}
