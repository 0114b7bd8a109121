select * from {{ ref('int_weather_received') }}
where row_status = 'invalid'
