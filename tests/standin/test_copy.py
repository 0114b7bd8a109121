"""Raw inside Redshift: the printed DDL makes what dbt reads. COPY itself needs S3: the rows come otherwise."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import redshift_connector

from tests.standin import standin
from tests.standin.pieces import city


def test_a_build_from_copied_tables(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    sent = city(tmp_path / "events", "--seed", "41", "--hours", "0.5", "--vehicles", "1", "--malformed", "0.02")
    sent.land(tmp_path / "landing", 0, 1, datetime.now(UTC) - timedelta(minutes=30))
    with standin(tmp_path) as running:
        running.load(tmp_path / "landing")
        capsys.readouterr()
        running.build("run-operation", "copy_statements")
        statements = [s for s in capsys.readouterr().out.split(";\n") if s.strip()]
        with redshift_connector.connect(
            host="127.0.0.1", port=running.port, database="junction", user="postgres", password="", ssl=False
        ) as connection:
            connection.autocommit = True
            for statement in statements:
                if statement.strip().startswith("copy"):
                    table = statement.split("raw_files.")[1].split()[0]
                    names = running.query(
                        "select string_agg('\"' || column_name || '\"', ', ' order by ordinal_position)"
                        f" from information_schema.columns where table_schema = 'raw_files' and table_name = '{table}'"
                    )[0][0]
                    running.query(f'insert into raw_files."{table}" select {names} from standin."{table}"')
                else:
                    connection.cursor().execute(statement)
        copied = ("--vars", "{redshift_raw: copy}")
        running.build("seed", *copied)
        running.build("run", "--select", "+fct_vehicle_readings", "+int_received", *copied)
        assert running.query("select count(*) from standin.external_tables") == [(0,)]
        for topic in ("vehicle_telemetry", "sensors_sample", "traffic_sensors"):
            (landed,) = running.query(f'select count(*) from standin."{topic}"')
            assert landed[0] > 0
            assert running.query(f"select count(*) from junction.int_{topic}_received") == [landed]
        assert running.table("fct_vehicle_readings").num_rows > 0
