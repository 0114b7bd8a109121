with samples as (
    select
        *,
        speed > {{ var('alert_speed_kmh') }} as is_speeding,
        expected_gear <> gear as is_wrong_gear,
        rpm > {{ var('alert_rpm') }} as is_high_rpm
    from {{ ref('fct_car_samples') }}
)

select
    event_id,
    car_id,
    event_time,
    event_hour,
    driver_id,
    model_id,
    brand,
    model,
    color_id,
    color,
    speed,
    rpm,
    gear,
    expected_gear,
    is_speeding,
    is_wrong_gear,
    is_high_rpm,
    substring(
        concat(
            case when is_speeding then ',speeding' else '' end,
            concat(
                case when is_wrong_gear then ',wrong_gear' else '' end,
                case when is_high_rpm then ',high_rpm' else '' end
            )
        ),
        2
    ) as reasons,
    _built_ms
from samples
where is_speeding or is_wrong_gear or is_high_rpm
