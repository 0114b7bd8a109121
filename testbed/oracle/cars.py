"""Section 6: engine samples, alerts and their sliding window."""

from __future__ import annotations

from testbed.oracle.step import Step

_COLOR_COUNTS = ", ".join(
    f"count(*) filter (where lower(color) = '{color}') as {color}_alert_count, "
    f"count(distinct car_id) filter (where lower(color) = '{color}') as {color}_car_count"
    for color in ("black", "white", "silver")
)

STEPS = {
    "fct_car_samples": Step(
        """
        select r.event_id, r.car_id, r.event_time, r.event_hour, c.driver_id, c.model_id, m.brand, m.model, c.color_id,
            k.color, r.speed, r.rpm, r.gear, (r.speed + 15) // 30 as expected_gear
        from int_sensors_sample_received r
        left join seed_cars c on c.car_id = r.car_id
        left join seed_car_models m on m.model_id = c.model_id
        left join seed_car_colors k on k.color_id = c.color_id
        where r.row_status = 'clean'
        """,
        ("int_sensors_sample_received",),
    ),
    "fct_car_alerts": Step(
        """
        with judged as (
            select *, speed > $alert_speed_kmh as is_speeding, expected_gear <> gear as is_wrong_gear,
                rpm > $alert_rpm as is_high_rpm
            from fct_car_samples
        )
        select *, concat_ws(',', case when is_speeding then 'speeding' end,
            case when is_wrong_gear then 'wrong_gear' end, case when is_high_rpm then 'high_rpm' end) as reasons
        from judged where is_speeding or is_wrong_gear or is_high_rpm
        """,
        ("fct_car_samples",),
    ),
    # An alert lies in the windows of its own minute and of the 14 after it.
    "agg_car_alerts_15min": Step(
        f"""
        with windowed as (
            select *, date_trunc('minute', event_time) + to_minutes(later) as minute_start
            from (select * exclude (event_hour) from fct_car_alerts) cross join range(0, 15) as ahead(later)
        )
        select minute_start, date_trunc('hour', minute_start) as event_hour,
            minute_start - interval 14 minutes as window_start, minute_start + interval 1 minute as window_end,
            count(*) as alert_count, {_COLOR_COUNTS}, count(distinct car_id) as car_count,
            max(speed) as max_speed, max(gear) as max_gear, max(rpm) as max_rpm
        from windowed group by minute_start
        """,
        ("fct_car_alerts",),
    ),
}
