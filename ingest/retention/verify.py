"""Does an hour's folder hold what the ledger says was landed there?"""

from __future__ import annotations

from collections.abc import Sequence

from contract.model import Contract
from ingest.errors import LandingError
from ingest.folder import names
from ingest.folder.landing_folder import LandingFolder
from ingest.folder.parquet import opened


def check_against_ledger(
    folder: LandingFolder, contract: Contract, table: str, hour: str, originals: Sequence[str], rows: int | str
) -> None:
    """Raise LandingError unless the names (which hold the offset ranges) and `rows` are those of the ledger's hour.

    `rows` is a word if they cannot be counted: then the names alone are compared.
    """
    if table == names.LEDGER:
        return
    dead = table == names.DEAD_LETTERS
    count = "dead_letter_count" if dead else "row_count"
    topics = {topic.topic for topic in contract.topics if topic.table == table}
    expected, due = set(), 0
    for key in folder.files(names.raw_folder(names.LEDGER, hour)):
        with opened(folder.store, key) as file:
            rows_of_batch = file.read().to_pylist()
        for row in rows_of_batch:
            if (dead and row[count]) or row["_kafka_topic"] in topics:
                due += row[count]
                expected.add(
                    names.file_name(
                        row["_kafka_topic"],
                        row["_kafka_generation"],
                        row["_kafka_partition"],
                        row["first_offset"],
                        row["end_offset"],
                    )
                )
    found = {key.rpartition("/")[2] for key in originals}
    if found != expected or (isinstance(rows, int) and rows != due):
        odd = sorted(found ^ expected)
        raise LandingError(
            f"raw/{table}/{hour} holds {rows} rows and the ledger says {due}"
            + (f"; {odd[0]} is in one of them only" if odd else "")
            + ": something else has changed the folder. Put back what landing wrote; the hour was not compacted."
        )
