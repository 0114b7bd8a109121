select
    sensor_id,
    sample_interval_s
from {{ ref('sensors') }}
where sample_interval_s not between 1 and 60 or mod(60, sample_interval_s) <> 0
