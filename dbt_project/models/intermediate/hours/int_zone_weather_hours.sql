{%- set reach = hours_of(var('weather_tolerance_ms')) -%}
{%- set hours = reopened_hours([input(ref('int_weather_clean'), reach=reach)]) -%}

with observations as (
    select * from {{ ref('int_weather_clean') }}
    where zone_id is not null and {{ in_hours(hours, reach) }}
),

offsets as (
    {{ offsets(reach) }}
),

numbered as (
    select
        *,
        row_number() over (partition by zone_id, event_time order by event_id) as nth
    from observations
),

followed as (
    select
        *,
        lead(event_time) over (partition by zone_id order by event_time) as next_at,
        {{ from_epoch_ms(epoch_ms('event_time') ~ ' + ' ~ (var('weather_tolerance_ms') + 1)) }} as expires_at
    from numbered
    where nth = 1
),

spread as (
    select
        followed.*,
        {{ hours_after('followed.event_time', 'offsets.n') }} as zone_hour,
        {{ hours_after('followed.event_time', 'offsets.n + 1') }} as zone_hour_end
    from followed
    cross join offsets
)

-- Each row is clipped to its hour: what comes after the hour must not change it.
select
    zone_id,
    zone_hour as event_hour,
    case when event_time > zone_hour then event_time else zone_hour end as latest_from,
    case
        when next_at < expires_at and next_at < zone_hour_end then next_at
        when expires_at < zone_hour_end then expires_at
        else zone_hour_end
    end as latest_to,
    event_id as weather_event_id,
    event_time as observed_at,
    condition as weather_condition,
    {{ round_half_up('temperature_c', 3) }} as weather_temperature_c,
    {{ round_half_up('precipitation_mm', 3) }} as weather_precipitation_mm,
    {{ built_ms() }} as _built_ms
from spread
where zone_hour < expires_at
    and (next_at is null or zone_hour < next_at)
    and {{ only_reopened(hours, 'zone_hour') }}
