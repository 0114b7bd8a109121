{%- set tolerance_ms = var('camera_tolerance_ms') -%}
{%- set span_ms = [tolerance_ms, 1] | max -%}
{%- set reopened = reopened_rows(ref('int_traffic_cameras_clean'), [
    lasting(ref('int_vehicle_telemetry_clean'), tolerance_ms),
]) -%}

with snapshots as (
    select
        *,
        {{ epoch_ms('event_time') }} as event_ms
    from {{ ref('int_traffic_cameras_clean') }}
    where {{ in_reopened(reopened) }}
),

telemetry as (
    select
        *,
        {{ epoch_ms('event_time') }} as event_ms
    from {{ ref('int_vehicle_telemetry_clean') }}
    where {{ in_touched_times(reopened, tolerance_ms) }}
),

offsets as (
    {{ offsets(1) }}
),

-- The spans, each as long as the tolerance, that can hold a snapshot's reading: its own, and the one before.
searched as (
    select
        snapshots.*,
        snapshots.event_ms - mod(snapshots.event_ms, {{ span_ms }}) - {{ span_ms }} * offsets.n as span_start_ms
    from snapshots
    cross join offsets
),

readings as (
    select
        searched.event_id as snapshot_event_id,
        searched.event_time as snapshot_time,
        telemetry.*,
        searched.event_ms - telemetry.event_ms as age_ms,
        row_number() over (
            partition by searched.event_id, searched.event_time order by telemetry.event_time desc, telemetry.event_id
        ) as nth
    from searched
    inner join telemetry
        on searched.vehicle_id = telemetry.vehicle_id
        and searched.span_start_ms = telemetry.event_ms - mod(telemetry.event_ms, {{ span_ms }})
        and searched.event_time >= telemetry.event_time
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
    readings.age_ms as reading_age_ms,
    readings.latitude as reading_latitude,
    readings.longitude as reading_longitude,
    {{ round_half_up('readings.speed_kmh', 3) }} as reading_speed_kmh,
    {{ rounded_heading('readings.heading') }} as reading_heading,
    readings.trip_id,
    readings.route_id,
    snapshots._built_ms as _received_ms,
    {{ built_ms() }} as _built_ms
from snapshots
left join readings
    on snapshots.event_id = readings.snapshot_event_id
    and snapshots.event_time = readings.snapshot_time
    and readings.nth = 1
    and readings.age_ms <= {{ tolerance_ms }}
where {{ only_reopened_rows(reopened, 'snapshots') }}
