"""The environment of a process that SQL reaches: what it needs, and no secret."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Mapping

# What Python, Java, Spark, dbt and this project read, by name: any other may be a secret, of whatever name.
_NEEDED = re.compile(
    r"PATH|HOME|USER|LOGNAME|SHELL|TERM|LANG|LANGUAGE|LC_[A-Z]+|TZ|TMPDIR|VIRTUAL_ENV|JAVA_HOME|LD_LIBRARY_PATH|"
    r"PYTHON(PATH|HOME|HASHSEED|UNBUFFERED|UTF8|IOENCODING|WARNINGS|DONTWRITEBYTECODE|PYCACHEPREFIX|FAULTHANDLER)|"
    r"PYSPARK_(PYTHON|DRIVER_PYTHON|PIN_THREAD)|"
    r"SPARK_(HOME|CONF_DIR|LOCAL_DIRS|LOCAL_IP|LOCAL_HOSTNAME|PUBLIC_DNS|DRIVER_MEMORY|EXECUTOR_MEMORY|SCALA_VERSION)|"
    r"HADOOP_(HOME|CONF_DIR)|OPENBLAS_NUM_THREADS|"
    r"DBT_(PROFILES_DIR|PROJECT_DIR|TARGET|TARGET_PATH|LOG_PATH|LOG_LEVEL|THREADS|SEND_ANONYMOUS_USAGE_STATS|"
    r"PARTIAL_PARSE|USE_COLORS|QUIET|VERSION_CHECK)|"
    r"JUNCTION_(BOOTSTRAP_SERVERS|CHANGED_LOG|CHECKPOINTS|DOOR_HOST|DOOR_PORT|GIVE_UP_MINUTES|GRACE_SECONDS|"
    r"HEALTH_ADDRESS|HEAP|LOG_FORMAT|"
    r"JARS|KAFKA_PORT|LANDED_AT|LANDING|LOST_OFFSETS|MAX_OFFSETS|METRICS_ADDRESS|ONCE|SCHEMA|SCRUBBED|SPARK_MEMORY|TARGET|THRIFT_AUTH|"
    r"THRIFT_HOST|THRIFT_PASSWORD_FILE|THRIFT_PORT|THRIFT_USER|TOPICS|TRIGGER_SECONDS|UMASK|VAR)"
)
# Where AWS's libraries find a bucket and their credentials; the keys themselves are secrets.
_AWS = re.compile(
    r"AWS_(REGION|DEFAULT_REGION|ENDPOINT_URL|ENDPOINT_URL_S3|PROFILE|CONFIG_FILE|SHARED_CREDENTIALS_FILE|CA_BUNDLE|"
    r"ROLE_ARN|ROLE_SESSION_NAME|WEB_IDENTITY_TOKEN_FILE|EC2_METADATA_DISABLED|"
    r"CONTAINER_CREDENTIALS_(RELATIVE_URI|FULL_URI)|CONTAINER_AUTHORIZATION_TOKEN_FILE)"
)
_KEYS = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN")
_JAVAS = "JAVA_TOOL_OPTIONS"  # it has what its user puts in
_SECRET = re.compile(r"pass|pwd|secret|token|credential|key|user|://[^/\s]*@", re.IGNORECASE)
_DONE = "JUNCTION_SCRUBBED"  # some systems give each process a variable, so that it is never without


def scrubbed(environment: Mapping[str, str], *, with_keys: bool = False) -> dict[str, str]:
    """The variables that a process of the local stack needs; JAVA_TOOL_OPTIONS if it has no option of a secret.

    Those of AWS if it lands to a bucket, `with_keys` also AWS's keys.
    """
    kept = {name: value for name, value in environment.items() if _NEEDED.fullmatch(name)}
    if environment.get("JUNCTION_LANDING", "").startswith("s3://"):
        keys = _KEYS if with_keys else ()
        kept |= {name: value for name, value in environment.items() if _AWS.fullmatch(name) or name in keys}
    options = environment.get(_JAVAS, "")
    return kept | ({_JAVAS: options} if options and not _SECRET.search(_without_folders(options)) else {})


def _without_folders(options: str) -> str:
    """Java's options without the values that are paths: a folder below a user's home is no secret."""
    return re.sub(r"=/\S*|:/(?!/)\S*", "", options)


def keys(environment: Mapping[str, str]) -> list[str]:
    """The variables of AWS's that hold keys."""
    return [name for name in _KEYS if environment.get(name)]


def scrub(*, with_keys: bool = False) -> None:
    """Start this command again without its secrets, once: Linux shows the environment that a process began with."""
    if os.environ.get(_DONE) != "1":
        sys.stdout.flush()
        os.execve(
            sys.executable,
            [sys.executable, *sys.orig_argv[1:]],
            scrubbed(os.environ, with_keys=with_keys) | {_DONE: "1"},
        )
