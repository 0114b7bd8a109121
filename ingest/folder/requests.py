"""How many requests this process has made of a bucket: a Spark task's are counted there, and added by the driver."""

from __future__ import annotations

import threading
from collections import Counter
from typing import Any

Requests = Counter[str]  # by operation and HTTP status, `retried` or `error`: `PutObject 200`
_counted: Requests = Counter()
_lock = threading.Lock()


def taken() -> Requests:
    """What was counted since the last call."""
    with _lock:
        found = Counter(_counted)
        _counted.clear()
    return found


def count(client: Any) -> None:
    """Count the requests of a client of boto3 from now on."""
    client.meta.events.register("after-call.s3", _answered)
    client.meta.events.register("after-call-error.s3", _failed)


def _answered(http_response: Any, parsed: Any, model: Any, **_: Any) -> None:
    with _lock:
        _counted[f"{model.name} {http_response.status_code}"] += 1
        if retried := parsed.get("ResponseMetadata", {}).get("RetryAttempts", 0):
            _counted[f"{model.name} retried"] += retried


def _failed(event_name: str, **_: Any) -> None:
    with _lock:
        _counted[f"{event_name.rpartition('.')[2]} error"] += 1
