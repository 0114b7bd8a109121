{%- set reopened = reopened_rows(ref('int_sensors_sample_clean')) -%}

with samples as (
    select * from {{ ref('int_sensors_sample_clean') }}
    where {{ in_reopened(reopened) }}
),

cars as (
    select * from {{ ref('cars') }}
),

car_models as (
    select * from {{ ref('car_models') }}
),

car_colors as (
    select * from {{ ref('car_colors') }}
)

select
    samples.event_id,
    samples.car_id,
    samples.event_time,
    samples.event_hour,
    cars.driver_id,
    cars.model_id,
    car_models.brand,
    car_models.model,
    cars.color_id,
    car_colors.color,
    samples.speed,
    samples.rpm,
    samples.gear,
    cast(floor((samples.speed + 15) / 30.0) as integer) as expected_gear,
    samples._built_ms as _received_ms,
    {{ built_ms() }} as _built_ms
from samples
left join cars on samples.car_id = cars.car_id
left join car_models on cars.model_id = car_models.model_id
left join car_colors on cars.color_id = car_colors.color_id
where {{ only_reopened_rows(reopened, 'samples') }}
