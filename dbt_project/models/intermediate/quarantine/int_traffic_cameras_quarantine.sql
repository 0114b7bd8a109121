select * from {{ ref('int_traffic_cameras_received') }}
where row_status = 'invalid'
