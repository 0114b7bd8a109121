{%- set reach = hours_of(var('camera_tolerance_ms')) -%}
{%- set hours = reopened_hours([
    input(ref('int_traffic_cameras_clean')),
    input(ref('int_vehicle_telemetry_clean'), reach=reach),
]) -%}

with snapshots as (
    select * from {{ ref('int_traffic_cameras_clean') }}
    where {{ in_hours(hours) }}
),

numbered as (
    select
        *,
        row_number() over (partition by vehicle_id, event_time order by event_id) as nth
    from {{ ref('int_vehicle_telemetry_clean') }}
    where {{ in_hours(hours, reach) }}
),

readings as (
    select * from numbered
    where nth = 1
),

-- Both on one line of time, the reading first where a snapshot has the same time.
timeline as (
    select vehicle_id, event_time, event_id, 0 as is_snapshot from readings
    union all
    select vehicle_id, event_time, event_id, 1 as is_snapshot from snapshots
),

followed as (
    select
        event_id,
        event_time,
        is_snapshot,
        max(case when is_snapshot = 0 then event_time end) over (
            partition by vehicle_id order by event_time, is_snapshot
            rows between unbounded preceding and current row
        ) as last_reading_time
    from timeline
)

select
    snapshots.event_id,
    snapshots.camera_id,
    snapshots.vehicle_id,
    snapshots.event_time,
    snapshots.event_hour,
    snapshots.latitude,
    snapshots.longitude,
    snapshots.zone_id,
    snapshots.snapshot_uri,
    snapshots.detected_vehicles,
    readings.event_id as reading_event_id,
    readings.event_time as reading_time,
    {{ epoch_ms('snapshots.event_time') }} - {{ epoch_ms('readings.event_time') }} as reading_age_ms,
    readings.latitude as reading_latitude,
    readings.longitude as reading_longitude,
    {{ round_half_up('readings.speed_kmh', 3) }} as reading_speed_kmh,
    {{ rounded_heading('readings.heading') }} as reading_heading,
    readings.trip_id,
    readings.route_id,
    {{ built_ms() }} as _built_ms
from snapshots
inner join followed
    on snapshots.event_id = followed.event_id
    and snapshots.event_time = followed.event_time
    and followed.is_snapshot = 1
left join readings
    on snapshots.vehicle_id = readings.vehicle_id
    and followed.last_reading_time = readings.event_time
    and {{ epoch_ms('snapshots.event_time') }} - {{ epoch_ms('readings.event_time') }}
        <= {{ var('camera_tolerance_ms') }}
where {{ only_reopened(hours, 'snapshots.event_hour') }}
