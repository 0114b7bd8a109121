select * from {{ ref('int_sensors_sample_received') }}
where row_status = 'invalid'
