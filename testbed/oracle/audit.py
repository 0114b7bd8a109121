"""Section 8: the landing's audit."""

from __future__ import annotations

from contract.model import Contract
from testbed.oracle.inputs import project_contract
from testbed.oracle.step import Step

TABLES = tuple(topic.table for topic in project_contract().topics)
_RECEIVED = " union all ".join(
    f"select event_id, event_time, row_status, _kafka_topic, _kafka_generation, _kafka_partition, _kafka_offset, "
    f"_kafka_timestamp, _landed_at from int_{table}_received"
    for table in TABLES
)
_PERCENTILES = ", ".join(
    f"percentile_half_up(list({column}) filter (where {column} is not null), {percent}) as {name}_p{percent}_ms"
    for name, column in (("event_to_kafka", "to_kafka_ms"), ("kafka_to_landed", "to_landed_ms"))
    for percent in (50, 95, 99)
)
_PERCENTILE_COLUMNS = ", ".join(
    f"h.{name}_p{percent}_ms" for name in ("event_to_kafka", "kafka_to_landed") for percent in (50, 95, 99)
)

STEPS = {
    "landed_hours": Step(
        """
        select _kafka_topic as topic, _kafka_generation as generation, _kafka_partition as partition_id,
            date_trunc('hour', _landed_at) as landing_hour, min(first_offset) as first_offset,
            max(end_offset) as end_offset, cast(sum(end_offset - first_offset) as bigint) as offsets_landed,
            cast(sum(row_count) as bigint) as row_count, cast(sum(dead_letter_count) as bigint) as dead_letter_count,
            cast(coalesce(sum(given_up_count), 0) as bigint) as offsets_given_up
        from raw_landed_batches group by all
        """
    ),
    "received_hours": Step(
        f"""
        with received as ({_RECEIVED}),
        timed as (
            select *, _kafka_topic as topic, _kafka_generation as generation, _kafka_partition as partition_id,
                date_trunc('hour', _landed_at) as landing_hour,
                millis_between(_kafka_timestamp, event_time) as to_kafka_ms,
                millis_between(_landed_at, _kafka_timestamp) as to_landed_ms
            from received
        ),
        reused as (
            select *, row_status = 'clean' and row_number() over (
                partition by topic, generation, partition_id, landing_hour, event_id, row_status order by _kafka_offset
            ) > 1 as is_reused
            from timed
        )
        select topic, generation, partition_id, landing_hour,
            count(*) filter (where row_status = 'clean') as clean_count,
            count(*) filter (where row_status = 'duplicate') as duplicate_count,
            count(*) filter (where row_status = 'invalid') as invalid_count,
            count(*) filter (where is_reused) as reused_id_count, {_PERCENTILES}
        from reused group by all
        """,
        tuple(f"int_{table}_received" for table in TABLES),
    ),
    "audit_landing": Step(
        f"""
        select l.*, l.offsets_landed - l.row_count - l.dead_letter_count as offsets_without_record,
            coalesce(l.first_offset - lag(l.end_offset) over (
                partition by l.topic, l.generation, l.partition_id order by l.landing_hour
            ), 0) + (l.end_offset - l.first_offset - l.offsets_landed) as offsets_never_landed,
            coalesce(h.clean_count, 0) as clean_count, coalesce(h.duplicate_count, 0) as duplicate_count,
            coalesce(h.invalid_count, 0) as invalid_count, coalesce(h.reused_id_count, 0) as reused_id_count,
            {_PERCENTILE_COLUMNS}
        from landed_hours l left join received_hours h
            on h.topic = l.topic and h.generation = l.generation and h.partition_id = l.partition_id
            and h.landing_hour = l.landing_hour
        """,
        ("landed_hours", "received_hours"),
    ),
}

_PLACES = ("latitude_out_of_range", "longitude_out_of_range")  # their column is the text of the place


def quarantine_step(contract: Contract) -> Step:
    """`audit_quarantine`: the invalid rows of all topics, each with the column that its reason begins with."""
    parts = []
    for topic in contract.topics:
        columns = sorted((column.name for column in topic.columns), key=len)
        fields = " ".join(
            f"when starts_with('{column}', {_stem('invalid_reason')}) then '{column}'" for column in columns
        )
        places = ", ".join(f"'{reason}'" for reason in _PLACES)
        parts.append(f"""
            select _kafka_topic as topic, _kafka_generation as generation, _kafka_partition as partition_id,
                _kafka_offset as record_offset, date_trunc('hour', _landed_at) as landing_hour,
                event_id, event_time, event_hour, invalid_reason,
                case when invalid_reason in ({places}) then 'location' {fields} end as invalid_field,
                millis_between(_kafka_timestamp, event_time) as event_to_kafka_ms
            from int_{topic.table}_received where row_status = 'invalid'
            """)
    return Step(" union all ".join(parts), tuple(f"int_{topic.table}_received" for topic in contract.topics))


def _stem(reason: str) -> str:
    return f"regexp_replace({reason}, '_(out_of_range|malformed|missing|unknown|blank)', '')"
