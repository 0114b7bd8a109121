with snapshots as (
    select * from {{ ref('stg_raw__traffic_cameras') }}
),

zones as (
    select * from {{ ref('zones') }}
),

judged as (
    select
        *,
        case
            when {{ event_time_is_off() }} then 'event_time_out_of_range'
            {{ blank_ids(['event_id', 'camera_id', 'vehicle_id']) }}
            {{ location_rules() }}
            when detected_vehicles not between 0 and 1000 then 'detected_vehicles_out_of_range'
        end as invalid_reason
    from snapshots
),

rounded as (
    select
        event_id,
        camera_id,
        vehicle_id,
        event_time,
        location,
        snapshot_uri,
        detected_vehicles,
        {{ round_half_up('latitude', 6) }} as latitude,
        {{ round_half_up('longitude', 6) }} as longitude,
        {{ event_hour() }} as event_hour,
        invalid_reason,
        {{ landing_columns() }}
    from judged
)

select
    rounded.*,
    zones.zone_id
from rounded
left join zones
    on {{ in_zone('rounded.latitude', 'rounded.longitude') }}
