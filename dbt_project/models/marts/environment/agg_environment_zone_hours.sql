{%- set hours = reopened_hours([input(ref('int_weather_clean'))]) -%}

with observations as (
    select
        *,
        {{ milli('temperature_c') }} as temperature_milli_c,
        {{ milli('humidity_pct') }} as humidity_milli_pct,
        {{ milli('precipitation_mm') }} as precipitation_milli_mm,
        {{ milli('wind_speed_kmh') }} as wind_speed_milli_kmh,
        {{ milli('air_quality_index') }} as air_quality_milli
    from {{ ref('int_weather_clean') }}
    where {{ in_hours(hours) }} and zone_id is not null
),

conditions as (
    select
        zone_id,
        event_hour,
        condition,
        count(*) as observation_count
    from observations
    group by zone_id, event_hour, condition
),

ranked as (
    select
        zone_id,
        event_hour,
        condition,
        row_number() over (partition by zone_id, event_hour order by observation_count desc, condition) as place
    from conditions
    where condition is not null
),

measured as (
    select
        zone_id,
        event_hour,
        count(*) as observation_count,
        count(distinct station_id) as station_count,
        {{ rounded_ratio('sum(temperature_milli_c)', '1000 * count(temperature_milli_c)', 3) }} as mean_temperature_c,
        {{ to_double('min(temperature_milli_c)') }} / 1000 as min_temperature_c,
        {{ to_double('max(temperature_milli_c)') }} / 1000 as max_temperature_c,
        {{ rounded_ratio('sum(humidity_milli_pct)', '1000 * count(humidity_milli_pct)', 3) }} as mean_humidity_pct,
        {{ rounded_ratio('sum(precipitation_milli_mm)', '1000 * count(precipitation_milli_mm)', 3) }}
            as mean_precipitation_mm,
        {{ rounded_ratio('sum(wind_speed_milli_kmh)', '1000 * count(wind_speed_milli_kmh)', 3) }}
            as mean_wind_speed_kmh,
        {{ to_double('max(wind_speed_milli_kmh)') }} / 1000 as max_wind_speed_kmh,
        {{ rounded_ratio('sum(air_quality_milli)', '1000 * count(air_quality_milli)', 3) }} as mean_air_quality_index,
        {{ to_double('max(air_quality_milli)') }} / 1000 as max_air_quality_index
    from observations
    group by zone_id, event_hour
)

select
    measured.zone_id,
    measured.event_hour,
    measured.observation_count,
    measured.station_count,
    measured.mean_temperature_c,
    measured.min_temperature_c,
    measured.max_temperature_c,
    measured.mean_humidity_pct,
    measured.mean_precipitation_mm,
    measured.mean_wind_speed_kmh,
    measured.max_wind_speed_kmh,
    measured.mean_air_quality_index,
    measured.max_air_quality_index,
    ranked.condition as main_condition,
    {{ built_ms() }} as _built_ms
from measured
left join ranked on measured.zone_id = ranked.zone_id and measured.event_hour = ranked.event_hour and ranked.place = 1
where {{ only_reopened(hours, source_column='measured.event_hour') }}
