select * from {{ ref('int_vehicle_telemetry_received') }}
where row_status = 'invalid'
