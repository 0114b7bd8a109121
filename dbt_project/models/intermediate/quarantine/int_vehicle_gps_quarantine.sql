select * from {{ ref('int_vehicle_gps_received') }}
where row_status = 'invalid'
