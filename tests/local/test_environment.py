"""The environment of what SQL reaches: what it needs, and no secret."""

from __future__ import annotations

import re

import pytest

from contract.place import ROOT
from local.environment import scrubbed

KEPT = ["PATH", "HOME", "LC_ALL", "JAVA_HOME", "JUNCTION_VAR", "JUNCTION_THRIFT_PASSWORD_FILE", "SPARK_LOCAL_DIRS",
        "PYTHONPATH", "DBT_TARGET_PATH"]  # fmt: skip
DROPPED = ["DBT_ENV_SECRET_REDSHIFT_PASSWORD", "JUNCTION_KAFKA_OPTIONS", "JUNCTION_KAFKA_OPTIONS_FILE",
           "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "GITHUB_TOKEN", "PGPASSWORD", "REDSHIFT_HOST", "HTTPS_PROXY",
           "SPARK_SECRET", "PYSPARK_SUBMIT_ARGS", "JUNCTION_API_TOKEN", "SOMETHING", "DBT_PASS", "JUNCTION_DB_PWD",
           "DBT_POSTGRES_CONN", "SPARK_DAEMON_JAVA_OPTS", "PYTHONSOMETHING", "HADOOP_OPTS", "DBT_CLOUD_API",
           "JUNCTION_THRIFT_PASSWORD", "XPATH", "PATHX", "LC_secret"]  # fmt: skip


def test_what_is_needed_stays_and_all_else_goes() -> None:
    assert set(scrubbed(dict.fromkeys([*KEPT, *DROPPED], "x"))) == set(KEPT)
    once = scrubbed(dict.fromkeys(KEPT, "x"))
    assert scrubbed(once) == once


@pytest.mark.parametrize("with_keys", [False, True])
def test_what_leads_to_a_bucket_stays_for_who_lands_there_and_keys_only_where_sql_cannot_read_them(
    with_keys: bool,
) -> None:
    keys = ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"]
    leads = ["AWS_REGION", "AWS_ENDPOINT_URL_S3", "AWS_PROFILE", "AWS_WEB_IDENTITY_TOKEN_FILE"]
    given = dict.fromkeys([*keys, *leads, "AWS_CONTAINER_AUTHORIZATION_TOKEN", "AWS_SOMETHING"], "x")
    assert scrubbed(given | {"JUNCTION_LANDING": "/data"}, with_keys=with_keys) == {"JUNCTION_LANDING": "/data"}
    landing = {"JUNCTION_LANDING": "s3://bucket/city"}
    wanted = [*leads, *(keys if with_keys else [])]
    assert scrubbed(given | landing, with_keys=with_keys) == dict.fromkeys(wanted, "x") | landing


def test_options_of_java_stay_without_a_secret_only() -> None:
    for kept in ("-XX:+UseParallelGC", "-Djava.io.tmpdir=/home/user/tmp -Xmx1g", "-javaagent:/opt/users/agent.jar"):
        assert scrubbed({"JAVA_TOOL_OPTIONS": kept}) == {"JAVA_TOOL_OPTIONS": kept}
    for secret in ("-Djavax.net.ssl.keyStorePassword=x", "-Dhttp.proxyUser=x", "-Da=b -Dmy.PWD=x", "-Dp=http://u:x@h",
                   "-Dapi.token=/x", "-Ddb.secret=1"):  # fmt: skip
        assert scrubbed({"JAVA_TOOL_OPTIONS": secret}) == {}


def test_each_variable_that_the_project_reads_is_listed_or_a_secret() -> None:
    """A new option's variable is added to the list, or it has no effect below `make up`."""
    rooms = ("contract", "simulator", "ingest", "local", "profiles", "dbt_project/macros")
    files = [file for room in rooms for kind in ("*.py", "*.yml", "*.sql") for file in (ROOT / room).rglob(kind)]
    named = {name for file in files for name in re.findall(r"JUNCTION_[A-Z_]+[A-Z]", file.read_text(encoding="utf-8"))}
    assert len(named) > 20
    dropped = {"JUNCTION_KAFKA_OPTIONS", "JUNCTION_KAFKA_OPTIONS_FILE", "JUNCTION_DUCKDB", "JUNCTION_PARITY"}
    assert named - scrubbed(dict.fromkeys(named, "x")).keys() - dropped == set()
