{%- set reach = 24 * var('clear_normal_days') -%}
{#- An hour of a zone's conditions can become empty and then leaves no trace; the minutes that it is made of stay. -#}
{%- set hours = reopened_hours([
    input(ref('int_zone_condition_hours'), reach=reach),
    input(ref('int_sensor_minutes'), reach=reach),
]) -%}

with conditions as (
    select
        *,
        {{ epoch_ms('event_hour') }} as hour_ms,
        extract(hour from event_hour) as hour_of_day
    from {{ ref('int_zone_condition_hours') }}
    where {{ in_hours(hours, reach) }}
),

-- A clear hour enters the normal one hour after it began, and leaves it when it is older than the days looked at.
-- Running sums over these signed steps are exact in true time, with frames of rows only.
steps as (
    select distinct
        zone_id, event_hour, hour_of_day, hour_ms as at_ms, 1 as is_hour,
        0 as minute_count, 0 as vehicle_count, 0 as speed_sum
    from conditions
    union all
    select
        zone_id, event_hour, hour_of_day, hour_ms + 3600000 as at_ms, 0 as is_hour,
        minute_count, vehicle_count, speed_sum
    from conditions
    where weather_condition = 'clear'
    union all
    select
        zone_id, event_hour, hour_of_day, hour_ms + 3600000 * {{ reach + 1 }} as at_ms, 0 as is_hour,
        -minute_count as minute_count, -vehicle_count as vehicle_count, -speed_sum as speed_sum
    from conditions
    where weather_condition = 'clear'
),

{% set running -%}
order by at_ms, is_hour rows between unbounded preceding and current row
{%- endset %}

sums as (
    select
        zone_id,
        event_hour,
        is_hour,
        {%- for name in ['minute_count', 'vehicle_count', 'speed_sum'] %}
        cast(sum({{ name }}) over (partition by zone_id, hour_of_day {{ running }}) as bigint) as same_hour_{{ name }},
        cast(sum({{ name }}) over (partition by zone_id {{ running }}) as bigint) as all_hours_{{ name }}
        {{- "," if not loop.last }}
        {%- endfor %}
    from steps
),

normals as (
    select
        zone_id,
        event_hour,
        case
            when same_hour_minute_count >= {{ var('clear_normal_min_minutes') }} then 'hour_of_day'
            when all_hours_minute_count >= {{ var('clear_normal_min_minutes') }} then 'all_hours'
            else 'cold_start'
        end as normal_basis,
        same_hour_minute_count,
        all_hours_minute_count,
        {{ rounded_ratio('same_hour_speed_sum', 'same_hour_vehicle_count') }} as same_hour_milli_kmh,
        {{ rounded_ratio('all_hours_speed_sum', 'all_hours_vehicle_count') }} as all_hours_milli_kmh
    from sums
    where is_hour = 1
),

compared as (
    select
        conditions.zone_id,
        conditions.event_hour,
        conditions.weather_condition,
        conditions.minute_count,
        conditions.vehicle_count,
        {{ rounded_ratio('conditions.speed_sum', 'conditions.vehicle_count') }} as mean_milli_kmh,
        normals.normal_basis,
        case
            when normals.normal_basis = 'hour_of_day' then normals.same_hour_minute_count
            else normals.all_hours_minute_count
        end as normal_minute_count,
        case
            when normals.normal_basis = 'hour_of_day' then normals.same_hour_milli_kmh
            when normals.normal_basis = 'all_hours' then normals.all_hours_milli_kmh
        end as normal_milli_kmh
    from conditions
    inner join normals
        on conditions.zone_id = normals.zone_id
        and conditions.event_hour = normals.event_hour
)

select
    zone_id,
    event_hour,
    weather_condition,
    minute_count,
    vehicle_count,
    mean_milli_kmh / 1000 as mean_speed_kmh,
    normal_basis,
    normal_minute_count,
    normal_milli_kmh / 1000 as normal_speed_kmh,
    (mean_milli_kmh - normal_milli_kmh) / 1000 as speed_change_kmh,
    {{ rounded_ratio('100 * (mean_milli_kmh - normal_milli_kmh)', 'normal_milli_kmh', 1) }} as speed_change_pct,
    {{ built_ms() }} as _built_ms
from compared
where {{ only_reopened(hours) }}
