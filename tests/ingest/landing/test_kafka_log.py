"""Which life of a topic's log is the newest, by the notes in `_ends`."""

from __future__ import annotations

from pathlib import Path

import pytest

from ingest.folder.landing_folder import LandingFolder
from ingest.folder.ledger import EndsNote, Ledger
from ingest.folder.names import ends_note
from ingest.landing.kafka_log import current_generation, next_generation

TOPIC_ID = "I0XT4mvy-AmPim0q8gX3iA"


def test_the_newest_life_has_the_greatest_number(tmp_path: Path) -> None:
    folder = LandingFolder.at(tmp_path)
    generation = current_generation(folder, "t", TOPIC_ID)
    assert generation == TOPIC_ID
    (tmp_path / "_ends").mkdir()
    for number in ("02", "03"):
        generation = next_generation(generation)
        assert generation.endswith(f"~{number}")
        EndsNote(folder.store, ends_note("t", generation)).write(Ledger())
        assert current_generation(folder, "t", TOPIC_ID) == generation


@pytest.mark.parametrize("end", ["~zz", "~2", "~02 (copy)", "~\u00b23", "~", "~002", "~02.bak"])
def test_a_stray_note_is_no_generation(tmp_path: Path, end: str) -> None:
    (tmp_path / "_ends").mkdir()
    (tmp_path / "_ends" / f"t-{TOPIC_ID.replace('-', '.')[:19]}{end}.json").write_text("{}")
    assert current_generation(LandingFolder.at(tmp_path), "t", TOPIC_ID) == TOPIC_ID
