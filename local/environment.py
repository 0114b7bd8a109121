"""The environment of a process that SQL reaches: what it needs, and no secret."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Mapping

# What Python, Java, Spark and dbt need. All else may be a secret, such as those of a cloud or of a CI.
_NEEDED = re.compile(
    r"PATH|HOME|USER|LOGNAME|SHELL|TERM|LANG|LANGUAGE|LC_\w+|TZ|TMPDIR|VIRTUAL_ENV|JAVA_HOME|JAVA_TOOL_OPTIONS|"
    r"LD_LIBRARY_PATH|PYTHON\w+|PYSPARK_\w+|SPARK_\w+|HADOOP_\w+|JUNCTION_\w+|DBT_\w+|OPENBLAS_\w+"
)
_SECRET = re.compile(r"SECRET|PASSWORD(?!_FILE)|TOKEN|CREDENTIAL|KAFKA_OPTIONS|_KEY|SUBMIT_ARGS")
_DONE = "JUNCTION_SCRUBBED"  # some systems give each process a variable, so that it is never without


def scrubbed(environment: Mapping[str, str]) -> dict[str, str]:
    """The variables that a process of the local stack needs, without those whose names are of secrets."""
    return {name: value for name, value in environment.items() if _NEEDED.fullmatch(name) and not _SECRET.search(name)}


def scrub() -> None:
    """Start this command again without its secrets, once: Linux shows the environment that a process began with."""
    if os.environ.get(_DONE) != "1":
        sys.stdout.flush()
        os.execve(sys.executable, [sys.executable, *sys.orig_argv[1:]], scrubbed(os.environ) | {_DONE: "1"})
