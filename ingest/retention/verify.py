"""Does an hour's folder hold what the ledger says was landed there?"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pyarrow.parquet

from contract.model import Contract
from ingest.errors import LandingError
from ingest.folder.names import file_name


def check_against_ledger(
    landing: Path, contract: Contract, table: str, hour: str, originals: Sequence[Path], rows: int
) -> None:
    """Raise LandingError unless the names (which hold the offset ranges) and `rows` are those of the ledger's hour."""
    if table == contract.landed_batches.table:
        return
    dead = table == contract.dead_letters.table
    count = "dead_letter_count" if dead else "row_count"
    topics = {topic.topic for topic in contract.topics if topic.table == table}
    names, due = set(), 0
    for path in (landing / "raw" / "landed_batches" / hour).glob("*.parquet"):
        for row in pyarrow.parquet.read_table(path, partitioning=None).to_pylist():
            if (dead and row[count]) or row["_kafka_topic"] in topics:
                due += row[count]
                names.add(
                    file_name(
                        row["_kafka_topic"],
                        row["_kafka_generation"],
                        row["_kafka_partition"],
                        row["first_offset"],
                        row["end_offset"],
                    )
                )
    found = {path.name for path in originals}
    if found != names or rows != due:
        odd = sorted(found ^ names)
        raise LandingError(
            f"raw/{table}/{hour} holds {rows} rows and the ledger says {due}"
            + (f"; {odd[0]} is in one of them only" if odd else "")
            + ": something else has changed the folder. Put back what landing wrote; the hour was not compacted."
        )
