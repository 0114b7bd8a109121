with fixes as (
    select * from {{ ref('stg_raw__vehicle_gps') }}
),

zones as (
    select * from {{ ref('zones') }}
),

judged as (
    select
        *,
        case
            when {{ event_time_is_off() }} then 'event_time_out_of_range'
            {{ blank_ids(['event_id', 'vehicle_id']) }}
            {{ location_rules() }}
            when speed_kmh not between 0 and 250 then 'speed_out_of_range'
            when heading < 0 or heading >= 360 then 'heading_out_of_range'
            when vehicle_type not in ('car', 'van', 'truck', 'bus') then 'vehicle_type_unknown'
            when accuracy_m not between 0 and 10000 then 'accuracy_out_of_range'
        end as invalid_reason
    from fixes
),

rounded as (
    select
        event_id,
        vehicle_id,
        event_time,
        location,
        speed_kmh,
        heading,
        vehicle_type,
        accuracy_m,
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
