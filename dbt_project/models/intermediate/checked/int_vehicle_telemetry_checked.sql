with readings as (
    select * from {{ ref('stg_raw__vehicle_telemetry') }}
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
            when year not between 1950 and 2100 then 'year_out_of_range'
            when fuel_type not in ('petrol', 'diesel', 'hybrid', 'electric') then 'fuel_type_unknown'
        end as invalid_reason
    from readings
),

rounded as (
    select
        event_id,
        vehicle_id,
        event_time,
        location,
        speed_kmh,
        heading,
        make,
        model,
        year,
        fuel_type,
        trip_id,
        route_id,
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
