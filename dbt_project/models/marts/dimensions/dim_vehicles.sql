with cars as (
    select * from {{ ref('cars') }}
),

car_models as (
    select * from {{ ref('car_models') }}
),

car_colors as (
    select * from {{ ref('car_colors') }}
)

select
    cars.car_id as vehicle_id,
    cars.driver_id,
    cars.model_id,
    car_models.brand,
    car_models.model,
    car_models.year,
    car_models.fuel_type,
    car_models.vehicle_type,
    cars.color_id,
    car_colors.color
from cars
left join car_models on cars.model_id = car_models.model_id
left join car_colors on cars.color_id = car_colors.color_id
