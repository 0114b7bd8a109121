"""Records that cost too much: valid or not, each kind aims at memory or at time beyond its bytes.

`python -m testbed.landing.poison LIMIT` writes each kind by the code of Spark's task, in this process, with an address
space of LIMIT bytes: a line of JSON for each, with its processor time and its peak of memory.
"""

from __future__ import annotations

import json
import resource
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa

from contract.reading import load_contract
from ingest.folder.landing_folder import LandingFolder
from ingest.landing.batch import Batch, Schemas
from ingest.landing.write import writer
from testbed.landing.bad_input import GOOD

Payloads = list[bytes | None]
PLAIN = json.dumps(GOOD).encode()
MANY = 8192  # records that the JVM sends to Python at once, at most (ingest/bounds.py)
_BIG = 900_000  # bytes: Kafka's default of a record is a megabyte
_AT = datetime(2026, 1, 1, tzinfo=UTC)


def _with(members: bytes) -> bytes:
    return PLAIN[:-1] + b", " + members + b"}"


def _more(value: bytes) -> bytes:
    return _with(b'"more": ' + value)


def _every(distance: int, odd: bytes | None, plain: bytes = PLAIN) -> Payloads:
    return [plain if number % distance else odd for number in range(MANY)]


def _ids(record: int) -> bytes:
    return b",".join(b'"k%d_%d": 1' % (record, number) for number in range(10))


_KEYS = b",".join(b'"k%d": 1' % number for number in range(80_000))
_LONG = _more(b'"' + b"x" * 3000 + b'"')

UNKNOWN: Mapping[str, Payloads] = {
    "maps keyed by an id, no two alike": [_more(b"{" + _ids(record) + b"}") for record in range(MANY)],
    "unknown names, no two alike": [_with(_ids(record)) for record in range(MANY)],
    "unknown names of two types": [_with(b'"k%d": %s' % (n, (b"[1]", b'"a"')[n % 2])) for n in range(MANY)],
    "80,000 names": [_with(_KEYS)] * 2,
    "80,000 names, the last twice": [_with(_KEYS + b', "k79999": 2')],
    "80,000 names, all twice": [_with(_KEYS + b", " + _KEYS)],
    "80,000 names within, the last twice": [_more(b"{" + _KEYS + b', "k79999": 2}')],
    "a long name": [_with(b'"' + b"x" * _BIG + b'": 1')] * 20,
    "a known name 50,000 times": [_with(b", ".join([b'"gear": 4'] * 50_000))] * 2,
}  # fmt: skip
SHAPES: Mapping[str, Payloads] = {
    "300,000 empty lists": [_more(b"[" + b",".join([b"[]"] * 300_000) + b"]")] * 2,
    "300,000 empty objects": [_more(b"[" + b",".join([b"{}"] * 300_000) + b"]")] * 2,
    "900 nestings, 900 times": [_more(b"[" + b",".join([b"[" * 450 + b"]" * 450] * 900) + b"]")] * 2,
    "nested objects": [_more(b'{"a": ' * 900 + b"1" + b"}" * 900)] * 200,
    "opened and never closed": [_more(b"[" * _BIG)] * 20,
    "braces only": [b"{" * _BIG + b"}"] * 20,
    "quotation marks only": [b"{" + b'"' * _BIG + b"}"] * 20,
    "backslashes only": [b"{" + b"\\" * _BIG + b"}"] * 20,
    "commas only": [b"{" + b"," * _BIG + b"}"] * 20,
    "zero bytes": [b"\0" * _BIG] * 20,
    "not UTF-8 at the end": [b"{" + b"x" * _BIG + b"\xff}"] * 20,
    "white space before": [b"{" + b" " * _BIG + PLAIN[1:]] * 20,
    "white space within": [PLAIN.replace(b": ", b":" + b"\t" * _BIG, 1)] * 20,
    "white space after": [PLAIN + b" " * _BIG] * 20,
    "line breaks": [b"{" + b"\n" * _BIG + PLAIN[1:]] * 20,
}
VALUES: Mapping[str, Payloads] = {
    "a long text": [_more(b'"' + b"x" * _BIG + b'"')] * 20,
    "a long text of the contract": [PLAIN.replace(b'"c"', b'"' + b"c" * _BIG + b'"')] * 20,
    "escapes": [_more(b'"' + b"\\u0041" * (_BIG // 6) + b'"')] * 20,
    "escaped backslashes": [_more(b'"' + b"\\\\" * (_BIG // 2) + b'"')] * 20,
    "escaped quotation marks": [_more(b'"' + b'\\"' * (_BIG // 2) + b'"')] * 20,
    "half surrogate pairs": [_more(b'"' + b"\\ud800" * (_BIG // 6) + b'"')] * 20,
    "a long integer": [PLAIN.replace(b"90", b"9" * _BIG)] * 20,
    "many integers of 4,000 digits": [_more(b"[" + b",".join([b"9" * 4000] * 200) + b"]")] * 5,
    "a long fraction": [PLAIN.replace(b"90", b"1." + b"1" * _BIG)] * 20,
    "an exponent of many digits": [PLAIN.replace(b"90", b"1e" + b"9" * _BIG)] * 20,
    "a small number, spelled long": [PLAIN.replace(b"90", b"0." + b"0" * _BIG + b"1e900001")] * 20,
    "a time of many digits": [PLAIN.replace(b".123Z", b"." + b"1" * _BIG + b"Z")] * 20,
    "a time that nearly is one": [PLAIN.replace(b".123Z", b"." + b"1" * _BIG + b"z")] * 20,
    "unknown fields up to the length of their column": [_more(b'"' + b"x" * 65_000 + b'"')] * 400,
}
ORDERS: Mapping[str, Payloads] = {
    "empty": [b""] * MANY,
    "null": [None] * MANY,
    "odd in turn": _every(2, b"{x}"),
    "odd each 9": _every(9, b"{x}"),
    "odd each 9 among long ones": _every(9, b"{x}", _LONG),
    "odd each 40": _every(40, b"{x}"),
    "odd each 40 among long ones": _every(40, b"{x}", _LONG),
    "a wrong type each 34": _every(34, PLAIN.replace(b"90", b'"90"')),
    "not UTF-8 each 40": _every(40, b'{"\xff": 1}'),
    "two in one each 40": _every(40, PLAIN + PLAIN),
    "long among short": _every(64, _more(b'"' + b"x" * 100_000 + b'"')),
}
KINDS: Mapping[str, Payloads] = {"plain": [PLAIN] * MANY, **UNKNOWN, **SHAPES, **VALUES, **ORDERS}


def size(payloads: Payloads) -> int:
    """The bytes of all payloads."""
    return sum(len(payload or b"") for payload in payloads)


def records(payloads: Payloads) -> pa.RecordBatch:
    """The payloads as Spark gives them to a task (ingest/landing/write.py), as offsets 0, 1, … of partition 0."""
    return pa.RecordBatch.from_pydict(
        {
            "partition": pa.array([0] * len(payloads), pa.int32()),
            "offset": pa.array(range(len(payloads)), pa.int64()),
            "timestamp": pa.array([_AT] * len(payloads), pa.timestamp("us", "UTC")),
            "key": pa.array([b"c"] * len(payloads), pa.binary()),
            "value": pa.array(payloads, pa.binary()),
        }
    )


def _measured() -> Iterator[dict[str, object]]:
    contract = load_contract()
    topic = contract.topic("sensors-sample")
    for name, payloads in [("plain", KINDS["plain"]), *KINDS.items()]:  # once for what is loaded at the first use
        chunk = records(payloads)
        Path("/proc/self/clear_refs").write_text("5")  # the peak begins at what is there now
        with tempfile.TemporaryDirectory() as folder:
            staging = LandingFolder.at(Path(folder)).begin(topic.topic, 0)
            schemas = Schemas.of(contract, topic)
            batch = Batch(topic, "g" * 22, _AT, {0: (0, len(payloads))}, staging, schemas)
            before, began = _memory("VmRSS"), time.process_time()
            (written,) = [row for part in writer(batch)([chunk]) for row in part.to_pylist()]
            seconds = time.process_time() - began
        landed = {"rows": written["row_count"], "dead": written["dead_letter_count"]}
        yield {"kind": name, "seconds": seconds, "memory": _memory("VmHWM") - before, **landed}


def _memory(name: str) -> int:
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith(name))


def main() -> None:
    """Measure all kinds and print a line for each."""
    limit = int(sys.argv[1])
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    for found in _measured():
        print(json.dumps(found), flush=True)


if __name__ == "__main__":
    main()
