{%- set longest = var('trip_longest_hours') -%}
{%- set hours = reopened_hours([
    input(ref('int_trip_parts'), reach=longest, ahead=longest - 1),
    input(ref('int_trip_stop_parts'), reach=longest, ahead=longest - 1),
]) -%}

with parts as (
    select
        *,
        lag(event_hour) over (partition by vehicle_id, trip_id order by event_hour) as hour_before
    from {{ ref('int_trip_parts') }}
    where {{ in_hours(hours, longest, ahead=longest - 1) }}
),

stop_parts as (
    select * from {{ ref('int_trip_stop_parts') }}
    where {{ in_hours(hours, longest, ahead=longest - 1) }}
),

-- A departure is an hour without another of the trip in the longest time before it.
departing as (
    select
        *,
        max(
            case when hour_before is null or {{ hours_after('hour_before', longest) }} < event_hour then event_hour end
        ) over (
            partition by vehicle_id, trip_id order by event_hour rows between unbounded preceding and current row
        ) as departure_hour
    from parts
),

trip_parts as (
    select
        *,
        row_number() over (partition by vehicle_id, trip_id, departure_hour order by event_hour) as nth
    from departing
    where event_hour < {{ hours_after('departure_hour', longest) }}
),

-- An hour that contradicts others in where its readings, or its fixes, are is of no track.
reading_hours as (
    select
        vehicle_id,
        trip_id,
        departure_hour,
        event_hour,
        placed_count as point_count,
        first_placed_at as first_at,
        first_latitude,
        first_longitude,
        last_placed_at as last_at,
        last_latitude,
        last_longitude
    from trip_parts
),

{{ implausible_parts('reading_hours', keys=['vehicle_id', 'trip_id', 'departure_hour'], part='event_hour') }},

fix_hours as (
    select
        vehicle_id,
        trip_id,
        departure_hour,
        event_hour,
        fix_count as point_count,
        first_fix_at as first_at,
        first_fix_latitude as first_latitude,
        first_fix_longitude as first_longitude,
        last_fix_at as last_at,
        last_fix_latitude as last_latitude,
        last_fix_longitude as last_longitude
    from trip_parts
    where fix_count > 0
),

{{ implausible_parts('fix_hours', keys=['vehicle_id', 'trip_id', 'departure_hour'], part='event_hour') }},

judged as (
    select
        trip_parts.*,
        case when reading_hours_implausible.event_hour is null then 1 else 0 end as is_placed,
        case when trip_parts.fix_count > 0 and fix_hours_implausible.event_hour is null then 1 else 0 end as is_tracked
    from trip_parts
    left join reading_hours_implausible
        on trip_parts.vehicle_id = reading_hours_implausible.vehicle_id
        and trip_parts.trip_id = reading_hours_implausible.trip_id
        and trip_parts.departure_hour = reading_hours_implausible.departure_hour
        and trip_parts.event_hour = reading_hours_implausible.event_hour
    left join fix_hours_implausible
        on trip_parts.vehicle_id = fix_hours_implausible.vehicle_id
        and trip_parts.trip_id = fix_hours_implausible.trip_id
        and trip_parts.departure_hour = fix_hours_implausible.departure_hour
        and trip_parts.event_hour = fix_hours_implausible.event_hour
),

placed as (
    select
        *,
        row_number() over (
            partition by vehicle_id, trip_id, departure_hour order by is_placed desc, event_hour
        ) as nth_placed,
        row_number() over (
            partition by vehicle_id, trip_id, departure_hour order by is_placed desc, event_hour desc
        ) as nth_placed_last
    from judged
),

-- From the last fix of an hour to the first of the next that has one.
tracks as (
    select
        *,
        lag(last_fix_latitude) over (
            partition by vehicle_id, trip_id, departure_hour order by event_hour
        ) as before_latitude,
        lag(last_fix_longitude) over (
            partition by vehicle_id, trip_id, departure_hour order by event_hour
        ) as before_longitude,
        lag(last_fix_is_still) over (
            partition by vehicle_id, trip_id, departure_hour order by event_hour
        ) as before_is_still
    from judged
    where is_tracked = 1
),

driven as (
    select
        vehicle_id,
        trip_id,
        departure_hour,
        min(vehicle_type) as vehicle_type,
        sum(fix_count) as fix_count,
        sum(distance_mm + case
            when before_latitude is null or (before_is_still and first_fix_is_still) then 0
            else {{ millimetres_between(
                'before_latitude', 'before_longitude', 'first_fix_latitude', 'first_fix_longitude'
            ) }}
        end) as distance_mm
    from tracks
    group by vehicle_id, trip_id, departure_hour
),

-- A run that ends its hour goes on in the next hour of the trip if one begins that.
runs as (
    select
        stop_parts.*,
        trip_parts.departure_hour,
        case
            when stop_parts.first_reading = 1 and trip_parts.hour_before = lag(
                case when stop_parts.last_reading = trip_parts.reading_count then stop_parts.event_hour end
            ) over (
                partition by trip_parts.vehicle_id, trip_parts.trip_id, trip_parts.departure_hour
                order by stop_parts.event_hour, stop_parts.first_reading
            ) then 0
            else 1
        end as begins
    from stop_parts
    inner join trip_parts
        on stop_parts.vehicle_id = trip_parts.vehicle_id
        and stop_parts.trip_id = trip_parts.trip_id
        and stop_parts.event_hour = trip_parts.event_hour
),

merged_runs as (
    select
        *,
        sum(begins) over (
            partition by vehicle_id, trip_id, departure_hour
            order by event_hour, first_reading rows between unbounded preceding and current row
        ) as nth_run
    from runs
),

still as (
    select
        vehicle_id,
        trip_id,
        departure_hour,
        {{ epoch_ms('max(still_to)') }} - {{ epoch_ms('min(still_from)') }} as still_ms
    from merged_runs
    group by vehicle_id, trip_id, departure_hour, nth_run
),

stops as (
    select
        vehicle_id,
        trip_id,
        departure_hour,
        count(*) as stop_count,
        sum(still_ms) as stopped_ms
    from still
    where still_ms >= {{ var('stop_min_ms') }}
    group by vehicle_id, trip_id, departure_hour
),

seen as (
    select
        vehicle_id,
        trip_id,
        departure_hour,
        max(case when nth = 1 then first_route_id end) as route_id,
        max(case when nth_placed = 1 then first_zone_id end) as origin_zone_id,
        max(case when nth_placed_last = 1 then last_zone_id end) as last_zone_id,
        max(case when nth_placed_last = 1 then last_latitude end) as last_latitude,
        max(case when nth_placed_last = 1 then last_longitude end) as last_longitude,
        min(first_seen_at) as departed_at,
        max(last_seen_at) as last_seen_at,
        sum(reading_count) as reading_count,
        sum(case when is_placed = 1 then placed_count else 0 end) as placed_count,
        sum(fix_count + implausible_fix_count) as all_fix_count
    from placed
    group by vehicle_id, trip_id, departure_hour
)

select
    seen.vehicle_id,
    seen.trip_id,
    seen.departure_hour as event_hour,
    seen.route_id,
    seen.origin_zone_id,
    seen.last_zone_id,
    seen.last_latitude,
    seen.last_longitude,
    seen.departed_at,
    seen.last_seen_at,
    {{ epoch_ms('seen.last_seen_at') }} - {{ epoch_ms('seen.departed_at') }} as duration_ms,
    driven.vehicle_type,
    cast(driven.distance_mm as bigint) as distance_mm,
    coalesce(stops.stop_count, 0) as stop_count,
    cast(coalesce(stops.stopped_ms, 0) as bigint) as stopped_ms,
    cast(seen.reading_count as bigint) as reading_count,
    cast(seen.reading_count - seen.placed_count as bigint) as implausible_reading_count,
    cast(coalesce(driven.fix_count, 0) as bigint) as fix_count,
    cast(seen.all_fix_count - coalesce(driven.fix_count, 0) as bigint) as implausible_fix_count,
    {{ built_ms() }} as _built_ms
from seen
left join driven
    on seen.vehicle_id = driven.vehicle_id
    and seen.trip_id = driven.trip_id
    and seen.departure_hour = driven.departure_hour
left join stops
    on seen.vehicle_id = stops.vehicle_id
    and seen.trip_id = stops.trip_id
    and seen.departure_hour = stops.departure_hour
where {{ only_reopened(hours, 'seen.departure_hour') }}
