"""Section 5: vehicle readings."""

from __future__ import annotations

from testbed.oracle.nearby import NEEDS, with_nearby
from testbed.oracle.step import Step

_COLUMNS = """
    r.event_id, r.vehicle_id, r.event_time, r.event_hour, r.latitude, r.longitude, r.zone_id,
    round_to(r.speed_kmh, 1000) as speed_kmh, north_is_0(round_to(r.heading, 1000)) as heading,
    r.make, r.model, r.year, r.fuel_type, r.trip_id, r.route_id
"""

STEPS = {
    "fct_vehicle_readings": Step(
        with_nearby("select * from int_vehicle_telemetry_received where row_status = 'clean'", "event_time", _COLUMNS),
        ("int_vehicle_telemetry_received", *NEEDS),
    ),
}
