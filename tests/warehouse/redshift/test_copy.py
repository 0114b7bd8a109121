"""Raw inside Redshift: the printed DDL makes what dbt reads. COPY itself needs S3: the rows come otherwise."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import redshift_connector

from contract.reading import load_contract
from local import paths
from testbed.city.pieces import City, city
from testbed.standin import Standin, standin
from testbed.standin.half import printed
from testbed.warehouse.outcome import failures

pytestmark = pytest.mark.standin

COPIED = ("--vars", "{redshift_raw: copy}")
PIECES = 6
EVERYTHING = "true"
RECEIVED = "int_vehicle_telemetry_received"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Standin]:
    """A stand-in with the tables and views of `copy_statements`, all empty."""
    with standin(tmp_path_factory.mktemp("copied")) as started:
        with redshift_connector.connect(
            host="127.0.0.1", port=started.port, database="junction", user="postgres", password="", ssl=False
        ) as connection:
            connection.autocommit = True
            for statement in printed(started, "copy_statements"):
                if not statement.startswith("copy"):
                    connection.cursor().execute(statement)
        started.build("seed", *COPIED)
        started.build("run", "--select", f"+{RECEIVED}", "--exclude", RECEIVED, *COPIED)  # the views that it reads
        started.keep("made")
        yield started


@pytest.fixture
def running(made: Standin) -> Standin:
    made.restore("made")
    return made


@pytest.fixture(scope="module")
def sent(tmp_path_factory: pytest.TempPathFactory) -> City:
    return city(
        tmp_path_factory.mktemp("city"), "--seed", "41", "--hours", "0.2", "--vehicles", "5", "--malformed", "0.02"
    )


def land(sent: City, running: Standin, landing: Path) -> list[datetime]:
    """Publish the pieces; the times of their batches. Nothing is loaded yet."""
    first = datetime.now(UTC) - timedelta(hours=PIECES)
    times = [first + timedelta(hours=number) for number in range(PIECES)]
    for number, moment in enumerate(times):
        sent.land(landing, number, PIECES, moment)
    running.load(landing)
    return times


def copy(running: Standin, table: str, condition: str = EVERYTHING) -> None:
    """What a COPY job would load."""
    names = running.query(
        "select string_agg('\"' || column_name || '\"', ', ' order by ordinal_position)"
        f" from information_schema.columns where table_schema = 'raw_files' and table_name = '{table}'"
    )[0][0]
    running.query(f'insert into raw_files."{table}" select {names} from standin."{table}" where {condition}')


def spelled(moment: datetime) -> str:
    return str(moment.replace(tzinfo=None))


def at(*times: datetime) -> str:
    moments = (f"timestamp '{spelled(moment)}'" for moment in times)
    return f"_landed_at in ({', '.join(moments)})"


def received(running: Standin) -> int:
    """The rows of telemetry after another run."""
    running.build("run", "--select", RECEIVED, *COPIED)
    ((count,),) = running.query("select count(*) from junction.int_vehicle_telemetry_received")
    return int(count)


def landed(running: Standin, *times: datetime) -> int:
    ((count,),) = running.query(f"select count(*) from standin.vehicle_telemetry where {at(*times)}")
    return int(count)


def test_a_build_from_copied_tables(running: Standin, sent: City, tmp_path: Path) -> None:
    land(sent, running, tmp_path)
    for table in (*(topic.table for topic in load_contract().topics), "dead_letters", "landed_batches"):
        copy(running, table)
    running.build("run", "--select", "+fct_vehicle_readings", "+audit_landing", *COPIED)
    assert running.query("select count(*) from standin.external_tables") == [(0,)]
    for topic in ("vehicle_telemetry", "sensors_sample", "traffic_sensors"):
        ((count,),) = running.query(f'select count(*) from standin."{topic}"')
        assert count > 0
        assert running.query(f"select count(*) from junction.int_{topic}_received") == [(count,)]
    assert running.table("fct_vehicle_readings").num_rows > 0
    assert running.query("select sum(dead_letter_count) from junction.audit_landing") == running.query(
        "select count(*) from standin.dead_letters"
    )


def test_a_batch_is_read_when_it_and_all_before_it_are_loaded(running: Standin, sent: City, tmp_path: Path) -> None:
    times = land(sent, running, tmp_path)
    copy(running, "landed_batches", at(*times[:4]))
    copy(running, "vehicle_telemetry", at(times[0], times[2], times[3]))  # nothing of batch 1
    assert received(running) == landed(running, times[0])
    said: list[str] = []
    running.dbt("source", "freshness", *COPIED, callbacks=[lambda event: said.append(event.info.msg)])
    waits = f"The batch of vehicle-telemetry that landed at {spelled(times[1])} is left for a later run: 0 of its "
    assert any(waits in text for text in said)

    last = f"(select max(_kafka_offset) from standin.vehicle_telemetry where {at(times[1])} and _kafka_partition = 0)"
    is_last = f"_kafka_partition = 0 and _kafka_offset = {last}"
    copy(running, "vehicle_telemetry", f"{at(times[1])} and not ({is_last})")
    copy(running, "vehicle_telemetry", f"{at(times[1])} and _kafka_partition = 1 and _kafka_offset % 2 = 0")  # twice
    assert received(running) == landed(running, times[0])
    running.query(f"delete from raw_files.vehicle_telemetry where {at(times[1])}")
    copy(running, "vehicle_telemetry", at(times[1]))
    assert received(running) == landed(running, *times[:4])

    copy(running, "landed_batches", at(times[5]))  # batch 4 is lost
    assert received(running) == landed(running, *times[:4])
    by_hand = (paths.ROOT / "docs" / "redshift.md").read_text().split("```sql\ninsert into raw_files.copied_through")[1]
    statement = "insert into raw_files.copied_through" + by_hand.split("```")[0]
    running.query(statement.replace("<topic>", "vehicle-telemetry").replace("<lost batch>", spelled(times[4])))
    assert received(running) == landed(running, *times[:4])  # batch 5 is still to be whole
    copy(running, "vehicle_telemetry", at(times[5]))
    assert received(running) == landed(running, *times[:4], times[5])


def test_a_batch_whose_line_is_loaded_before_an_earlier_one_waits(running: Standin, sent: City, tmp_path: Path) -> None:
    times = land(sent, running, tmp_path)
    copy(running, "vehicle_telemetry")
    copy(running, "landed_batches", at(*times[:2]))
    assert received(running) == landed(running, *times[:2])
    copy(running, "landed_batches", at(*times[3:5]))
    assert received(running) == landed(running, *times[:2])
    copy(running, "landed_batches", at(times[2]))
    assert received(running) == landed(running, *times[:5])
    copy(running, "landed_batches", at(times[5]))
    assert received(running) == landed(running, *times)
    before = running.table("int_vehicle_telemetry_received").num_rows
    running.build("run", "--full-refresh", "--select", "int_vehicle_telemetry_received", *COPIED)
    assert running.table("int_vehicle_telemetry_received").num_rows == before


@pytest.mark.long
def test_a_batch_of_another_partition_does_not_pass_by_what_is_not_loaded(
    running: Standin, sent: City, tmp_path: Path
) -> None:
    records = sent.records["vehicle-telemetry"]
    ours, others = ([row for row in records if row["partition"] == number] for number in (0, 1))
    parts = [ours[:40], ours[40:80], others[:40], ours[80:]]
    times = [datetime.now(UTC) - timedelta(minutes=50 - 10 * number) for number in range(len(parts))]
    for part, moment in zip(parts, times, strict=True):
        City({"vehicle-telemetry": part}).land(tmp_path, 0, 1, moment)
    running.load(tmp_path)
    copy(running, "vehicle_telemetry")
    copy(running, "landed_batches", at(times[1], times[2]))  # the topic's first batch is not there
    assert received(running) == 0
    copy(running, "landed_batches", at(times[0]))
    running.query(f"delete from raw_files.landed_batches where {at(times[1])}")
    assert received(running) == 40
    copy(running, "landed_batches", at(times[3]))
    copy(running, "landed_batches", at(times[3]))  # twice
    assert received(running) == 40
    copy(running, "landed_batches", at(times[1]))
    assert received(running) == landed(running, *times)


@pytest.mark.long
def test_a_ledger_of_before_the_column_is_taken_as_it_is_by_the_first_run(
    running: Standin, sent: City, tmp_path: Path
) -> None:
    times = land(sent, running, tmp_path)
    copy(running, "vehicle_telemetry")
    copy(running, "landed_batches", at(*times[:3]))
    running.query("update raw_files.landed_batches set previous_landed_at = null")
    assert received(running) == landed(running, *times[:3])
    copy(running, "landed_batches", at(*times[3:]))
    assert received(running) == landed(running, *times)


def test_a_table_that_is_not_there_is_told(running: Standin) -> None:
    running.query("drop table raw_files.weather cascade")
    outcome = running.dbt("run", "--select", "stg_raw__vehicle_gps", *COPIED)
    assert "There is no table weather in schema raw_files" in failures(outcome)
