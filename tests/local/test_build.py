"""What `make refresh` and `make up` show of dbt (`local/build.py`)."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest

from local import build
from local.progress import Progress


def test_a_warning_of_the_projects_own_is_shown(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    def run(on_event: Callable[[Any], None], *_: str) -> Any:
        for name, text in (("JinjaLogWarning", "The batch of weather waits"), ("JinjaLogInfo", "not this")):
            on_event(SimpleNamespace(info=SimpleNamespace(name=name, msg=text), data=SimpleNamespace(msg=text)))
        return SimpleNamespace(exception=None, success=True)

    monkeypatch.setattr(build, "_run", run)
    build.dbt(Progress(), "build")
    printed = capfd.readouterr().out
    assert "The batch of weather waits" in printed
    assert "not this" not in printed
