select * from {{ ref('int_emergency_incidents_received') }}
where row_status = 'invalid'
