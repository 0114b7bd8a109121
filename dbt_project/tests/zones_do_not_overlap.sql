-- A point lies in at most one zone.
select
    one.zone_id,
    other.zone_id as other_zone_id
from {{ ref('zones') }} as one
inner join {{ ref('zones') }} as other
    on one.zone_id < other.zone_id
    and one.min_latitude < other.max_latitude and other.min_latitude < one.max_latitude
    and one.min_longitude < other.max_longitude and other.min_longitude < one.max_longitude
