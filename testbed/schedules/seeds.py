"""What is left of a seed when loading it fails, as when dbt is killed in the middle."""

from __future__ import annotations

from testbed.schedules.engines import Engine


def a_failing_seed_keeps_its_rows(engine: Engine) -> None:
    """`dbt seed` of a column that no table can have fails and leaves the rows; then a sound one succeeds."""
    file = engine.project / "seeds" / "zones.csv"
    sound, before = file.read_text(), engine.table("zones").to_pylist()
    file.write_text(sound.replace("\n", ",x\n").replace(",x", ",not one word", 1))
    try:
        assert not engine.dbt("seed", "--select", "zones").success
    finally:
        file.write_text(sound)
    assert engine.table("zones").to_pylist() == before
    assert len(before) == len(sound.strip().splitlines()) - 1
    assert engine.dbt("seed", "--select", "zones").success
    assert engine.table("zones").to_pylist() == before
