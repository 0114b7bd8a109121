"""Section 4: sensor-hours."""

from __future__ import annotations

from testbed.oracle.step import Step

STEPS = {
    # How many outage minutes in a row end with each: one more than with the minute before, if that is one.
    "outage_runs": Step(
        """
        with recursive outages as (
            select sensor_id, event_hour, minute_start from int_sensor_minutes where sample_count = 0
        ),
        runs as (
            select o.*, 1 as minutes from outages o
            where not exists (
                from outages b where b.sensor_id = o.sensor_id and b.event_hour = o.event_hour
                and b.minute_start = o.minute_start - interval 1 minute
            )
            union all
            select o.*, r.minutes + 1 from runs r join outages o
                on o.sensor_id = r.sensor_id and o.event_hour = r.event_hour
                and o.minute_start = r.minute_start + interval 1 minute
        )
        select sensor_id, event_hour, max(minutes) as longest from runs group by all
        """,
        ("int_sensor_minutes",),
    ),
    "agg_sensor_hours": Step(
        """
        with hours as (
            select sensor_id, event_hour, min(road_id) as road_id, min(zone_id) as zone_id,
                count(*) filter (where is_watched) as watched_minutes,
                cast(sum(sample_count) as bigint) as sample_count,
                cast(sum(samples_due) as bigint) as samples_due,
                count(*) filter (where sample_count = 0) as outage_minutes,
                max(minute_start) filter (where sample_count > 0) as last_sample_minute
            from int_sensor_minutes group by sensor_id, event_hour
        ),
        rated as (
            select h.*, coalesce(r.longest, 0) as longest_outage_minutes,
                least(ratio_half_up(10000 * sample_count, samples_due) / 100,
                    case when samples_due > 0 then 100 end) as completeness_pct
            from hours h left join outage_runs r on r.sensor_id = h.sensor_id and r.event_hour = h.event_hour
        )
        select *, case when samples_due = 0 then 'unplanned'
            when not exists (
                from int_sensor_minutes where is_watched and minute_start >= r.event_hour + interval 59 minutes
            ) then 'open'
            when sample_count = 0 then 'outage' when completeness_pct < $sensor_complete_pct then 'partial'
            else 'complete' end as sensor_status
        from rated r
        """,
        ("int_sensor_minutes", "outage_runs"),
    ),
}
