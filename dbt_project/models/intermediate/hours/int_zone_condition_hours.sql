{%- set hours = reopened_hours([input(ref('int_sensor_minutes')), input(ref('int_zone_weather_hours'))]) -%}

with minutes as (
    select * from {{ ref('int_sensor_minutes') }}
    where vehicle_count > 0 and {{ in_hours(hours) }}
),

weather as (
    select * from {{ ref('int_zone_weather_hours') }}
    where {{ in_hours(hours) }}
)

select
    minutes.zone_id,
    minutes.event_hour,
    weather.weather_condition,
    count(*) as minute_count,
    cast(sum(minutes.vehicle_count) as bigint) as vehicle_count,
    cast(sum(minutes.speed_milli_kmh * minutes.vehicle_count) as bigint) as speed_sum,
    {{ built_ms() }} as _built_ms
from minutes
inner join weather
    on minutes.zone_id = weather.zone_id
    and minutes.event_hour = weather.event_hour
    and minutes.minute_start >= weather.latest_from
    and minutes.minute_start < weather.latest_to
where {{ only_reopened(hours, 'minutes.event_hour') }}
group by minutes.zone_id, minutes.event_hour, weather.weather_condition
