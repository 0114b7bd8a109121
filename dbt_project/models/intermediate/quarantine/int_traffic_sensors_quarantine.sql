select * from {{ ref('int_traffic_sensors_received') }}
where row_status = 'invalid'
