"""Commands on what was landed refuse a folder where nothing was, instead of making it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from ingest.errors import LandingError
from ingest.replay import command as replay_command
from ingest.retention import compact, expire


@pytest.mark.parametrize(
    ("command", "flags"),
    [(compact.main, []), (expire.main, ["--older-than", "7"]), (replay_command.main, ["--dry-run"])],
)
@pytest.mark.parametrize("is_there", [False, True])
def test_a_mistyped_landing_folder_is_named_and_not_made(
    command: Callable[[list[str]], int], flags: list[str], is_there: bool, tmp_path: Path
) -> None:
    folder = tmp_path / "nothere"
    if is_there:
        folder.mkdir()
    with pytest.raises(LandingError, match=f"There is no landing folder {folder}: say with --landing"):
        command(["--landing", str(folder), *flags])
    assert folder.exists() == is_there
    assert not is_there or list(folder.iterdir()) == []
