"""The services of docker-compose.yml, as processes: landing is killed, and at the end the marts equal the oracle."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from local import paths
from testbed.compose.network import in_own_network
from testbed.compose.stack import SERVICES
from testbed.oracle import KEYS, assert_same_rows, project_oracle
from testbed.warehouse.embedded import Embedded

pytestmark = [pytest.mark.jvm, pytest.mark.embedded, pytest.mark.cluster]


def test_the_services_land_and_build_a_city_over_a_kill(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    state = tmp_path / "state"
    state.mkdir()
    monkeypatch.setenv("JUNCTION_JARS", str(paths.jars()))
    lived = in_own_network([sys.executable, "-m", "testbed.compose.stack", str(state)], SERVICES, tmp_path)
    assert lived.returncode == 0, lived.stdout[-3000:] + lived.stderr[-3000:]
    assert (state / "s3.credentials").stat().st_mode & 0o077 == 0
    warehouse = Embedded(state, paths.PROJECT_DIR)
    oracle = project_oracle(state / "objects" / "junction" / "city")
    for name, key in KEYS.items():
        assert_same_rows(name, warehouse.table(name), oracle.mart(name), key)
    assert warehouse.table("fct_vehicle_readings").num_rows > 100
