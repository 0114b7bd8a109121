"""The environment of what SQL reaches: what it needs, and no secret."""

from __future__ import annotations

from local.environment import scrubbed

KEPT = ["PATH", "HOME", "LC_ALL", "JAVA_HOME", "JUNCTION_VAR", "JUNCTION_THRIFT_PASSWORD_FILE", "SPARK_LOCAL_DIRS",
        "PYTHONPATH", "DBT_TARGET_PATH"]  # fmt: skip
DROPPED = ["DBT_ENV_SECRET_REDSHIFT_PASSWORD", "JUNCTION_KAFKA_OPTIONS", "JUNCTION_KAFKA_OPTIONS_FILE",
           "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "GITHUB_TOKEN", "PGPASSWORD", "REDSHIFT_HOST", "HTTPS_PROXY",
           "SPARK_SECRET", "PYSPARK_SUBMIT_ARGS", "JUNCTION_API_TOKEN", "SOMETHING"]  # fmt: skip


def test_what_is_needed_stays_and_all_else_goes() -> None:
    assert set(scrubbed(dict.fromkeys([*KEPT, *DROPPED], "x"))) == set(KEPT)
    once = scrubbed(dict.fromkeys(KEPT, "x"))
    assert scrubbed(once) == once
