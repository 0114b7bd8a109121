"""Canaries among dbt's secrets: neither log, artifact nor docs site has them, also when Redshift refuses the login."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from contract.place import PROJECT_DIR
from local import checks
from testbed.standin import Standin, standin

pytestmark = pytest.mark.standin

PASSWORD = "canary-7f3a"  # of Redshift
OTHER = "canary-8b1c"  # in variables that the project does not read


def dbt(running: Standin, *arguments: str, **changes: str) -> subprocess.CompletedProcess[str]:
    secrets = {
        "DBT_ENV_SECRET_REDSHIFT_PASSWORD": PASSWORD,
        "DBT_ENV_SECRET_OF_NOBODY": OTHER,
        "JUNCTION_KAFKA_OPTIONS": f"kafka.sasl.password={OTHER}",
        "AWS_SECRET_ACCESS_KEY": OTHER,
    }
    main = "import sys; from dbt.cli.main import cli; cli()"
    folders = [text for text in running.command(*arguments) if text != "--quiet"]
    return subprocess.run(
        [sys.executable, "-c", main, "--log-level-file", "debug", *folders],
        cwd=PROJECT_DIR, env=os.environ | running.variables() | secrets | changes, capture_output=True, text=True,
        timeout=300,
    )  # fmt: skip


def test_no_page_log_or_artifact_of_dbt_has_a_secret(tmp_path: Path) -> None:
    with standin(tmp_path) as running:
        seeded = dbt(running, "seed", "--select", "zones", "--full-refresh")
        documented = dbt(running, "docs", "generate", "--static", "--no-compile")
        refused = dbt(running, "run", "--select", "dim_zones", REDSHIFT_PORT=str(checks.free_port()))
        debugged = dbt(running, "debug")
    assert (seeded.returncode, documented.returncode) == (0, 0), documented.stdout
    assert refused.returncode
    files = [path for folder in ("target", "logs") for path in (tmp_path / folder).rglob("*") if path.is_file()]
    assert {path.name for path in files} >= {"dbt.log", "manifest.json", "run_results.json", "static_index.html"}
    texts = {str(path): path.read_bytes() for path in files}
    texts |= {done.args[-1]: (done.stdout + done.stderr).encode() for done in (seeded, documented, refused, debugged)}
    assert [name for name, text in texts.items() if PASSWORD.encode() in text or OTHER.encode() in text] == []
