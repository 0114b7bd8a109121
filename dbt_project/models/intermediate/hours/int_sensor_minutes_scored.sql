{%- set hours = reopened_hours([
    input(ref('int_sensor_minutes'), reach=1),
    input(ref('int_sensor_baselines')),
    input(ref('int_sensor_week_baselines')),
]) -%}

with minutes as (
    select * from {{ ref('int_sensor_minutes') }}
    where {{ in_hours(hours) }}
),

trailing_hours as (
    select
        *,
        {{ to_double('speed_sum') }} / nullif(speed_count, 0) as speed_mean,
        speed_count * speed_square_sum - speed_sum * speed_sum as scaled_variance
    from {{ ref('int_sensor_trailing_hours') }}
    where {{ in_hours(hours) }}
),

hours_before as (
    select * from {{ ref('int_sensor_baselines') }}
    where {{ in_hours(hours) }}
),

hours_of_week as (
    select * from {{ ref('int_sensor_week_baselines') }}
    where minute_count >= {{ var('season_min_minutes') }} and mad > 0 and {{ in_hours(hours) }}
),

-- The hour of the week where it says enough, else the hours before: no measure of a sensor-hour has both.
baselines as (
    select
        sensor_id,
        event_hour,
        measure,
        'hour_of_week' as basis,
        minute_count,
        median,
        mad
    from hours_of_week
    union all
    select
        hours_before.sensor_id,
        hours_before.event_hour,
        hours_before.measure,
        'hours_before' as basis,
        hours_before.minute_count,
        hours_before.median,
        hours_before.mad
    from hours_before
    left join hours_of_week
        on hours_before.sensor_id = hours_of_week.sensor_id
        and hours_before.event_hour = hours_of_week.event_hour
        and hours_before.measure = hours_of_week.measure
    where hours_of_week.sensor_id is null
),

judged as (
    select
        minutes.*,
        trailing_hours.speed_mean,
        sqrt(
            {{ to_double('trailing_hours.scaled_variance') }}
            / nullif(trailing_hours.speed_count * (trailing_hours.speed_count - 1), 0)
        ) as speed_sd,
        trailing_hours.speed_count,
        trailing_hours.speed_sum,
        trailing_hours.volume_count,
        trailing_hours.volume_sum,
        occupancy.median as occupancy_median,
        occupancy.mad as occupancy_mad,
        occupancy.basis as occupancy_baseline,
        volume.median as volume_median,
        volume.mad as volume_mad,
        volume.basis as volume_baseline,
        case
            when minutes.sample_count = 0 then 'outage'
            when minutes.vehicle_count < {{ var('minute_min_vehicles') }} then 'too_few_vehicles'
            when trailing_hours.speed_count < {{ var('trailing_min_minutes') }} then 'cold_start'
            when trailing_hours.scaled_variance = 0 then 'zero_variance'
            else 'scored'
        end as speed_status,
        {{ robust_status('occupancy') }} as occupancy_status,
        {{ robust_status('volume') }} as volume_status
    from minutes
    inner join trailing_hours
        on minutes.sensor_id = trailing_hours.sensor_id and minutes.minute_start = trailing_hours.minute_start
    left join baselines as occupancy
        on minutes.sensor_id = occupancy.sensor_id
        and minutes.event_hour = occupancy.event_hour
        and occupancy.measure = 'occupancy'
    left join baselines as volume
        on minutes.sensor_id = volume.sensor_id
        and minutes.event_hour = volume.event_hour
        and volume.measure = 'volume'
),

scored as (
    select
        *,
        case
            when speed_status = 'scored' then {{ round_half_up('(speed_milli_kmh - speed_mean) / speed_sd', 6) }}
        end as speed_z,
        case
            when speed_status = 'scored'
                then {{ rounded_ratio('speed_milli_kmh * speed_count - speed_sum', '1000 * speed_count', 3) }}
        end as speed_effect_kmh,
        case
            when occupancy_status = 'scored'
                then {{ rounded_ratio('6745 * (occupancy_milli_pct - occupancy_median)', '10000 * occupancy_mad', 6) }}
        end as occupancy_robust_z,
        case
            when occupancy_status = 'scored'
                then {{ rounded_ratio('occupancy_milli_pct - occupancy_median', 1000, 3) }}
        end as occupancy_effect_points,
        case
            when volume_status = 'scored'
                then {{ rounded_ratio('6745 * (vehicle_count - volume_median)', '10000 * volume_mad', 6) }}
        end as volume_robust_z,
        case
            when volume_status = 'scored'
                then {{ rounded_ratio('vehicle_count', 'volume_median', 3) }}
        end as volume_ratio
    from judged
)

select
    sensor_id,
    road_id,
    zone_id,
    minute_start,
    event_hour,
    sample_count,
    samples_due,
    vehicle_count,
    speed_milli_kmh,
    occupancy_milli_pct,
    {{ rounded_ratio('speed_sum', '1000 * speed_count', 3) }} as rolling_speed_kmh,
    {{ rounded_ratio('volume_sum', 'volume_count', 3) }} as rolling_vehicle_count,
    speed_z,
    speed_effect_kmh,
    speed_status,
    occupancy_robust_z,
    occupancy_effect_points,
    occupancy_status,
    case when occupancy_status = 'scored' then occupancy_baseline end as occupancy_basis,
    volume_robust_z,
    volume_ratio,
    volume_status,
    case when volume_status = 'scored' then volume_baseline end as volume_basis,
    coalesce(
        speed_z <= -{{ var('speed_drop_z') }} and speed_effect_kmh <= -{{ var('speed_drop_min_kmh') }},
        false
    ) as is_speed_drop,
    coalesce(
        occupancy_robust_z >= {{ var('congestion_z') }}
        and occupancy_effect_points >= {{ var('congestion_min_points') }},
        false
    )
    or coalesce(
        volume_robust_z >= {{ var('congestion_z') }}
        and volume_ratio >= {{ var('congestion_min_volume_ratio') }}
        and vehicle_count >= {{ var('congestion_min_vehicles') }},
        false
    ) as is_unexpected_congestion,
    {{ built_ms() }} as _built_ms
from scored
where {{ only_reopened(hours) }}
