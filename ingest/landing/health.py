"""Is the job well? `GET /healthz` answers 200 or 503, with what each topic does as JSON; `/readyz` whether it lands at
all, and `/metrics` what it counts.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass

from prometheus_client import CONTENT_TYPE_LATEST

from contract.answers import Answer, answered, verdict
from ingest.errors import LandingError
from ingest.landing import metrics
from ingest.printed import printable

_PATIENCE = 60.0  # seconds that a topic may have a lag and land nothing, and that the job may not look at its topics
_LONGEST_BATCH = 900.0  # seconds that one batch may take
_STORE_PATIENCE = 40.0  # seconds that the landing folder may not answer


@dataclass(frozen=True)
class TopicHealth:
    """One topic as the job last saw it. `lag`: records to land, None if Kafka did not answer; ages in seconds.

    `waiting_s`: how long there has been a lag without a batch landed; `batch_s`: how long the batch at hand has taken,
    None if there is none. `patience_s`: how long it may wait.
    """

    lag: int | None
    waiting_s: float
    batch_s: float | None
    failure: str = ""
    patience_s: float = _PATIENCE

    @property
    def is_well(self) -> bool:
        """Whether the topic lands what it has."""
        return not self.failure and self.moves

    @property
    def moves(self) -> bool:
        """The same, whatever it failed of before."""
        if self.lag is None:
            return False
        return self.waiting_s <= self.patience_s if self.batch_s is None else self.batch_s <= _LONGEST_BATCH

    @property
    def is_done(self) -> bool:
        """Whether all that Kafka has is landed."""
        return self.lag == 0 and self.batch_s is None


def patience(trigger_seconds: float) -> float:
    """Seconds that a topic may have a lag and land nothing: the time of two triggers, or a minute."""
    return max(_PATIENCE, 2 * trigger_seconds)


class Health:
    """What the job last found, for any thread that asks."""

    def __init__(
        self, clock: Callable[[], float] = time.monotonic, store_silent_s: Callable[[], float] = lambda: 0.0
    ) -> None:
        self._clock = clock
        self._store_silent_s = store_silent_s
        self._topics: Mapping[str, TopicHealth] = {}
        self._at = clock()
        self.is_ending = False

    def found(self, topics: Mapping[str, TopicHealth]) -> None:
        """Replace what was found before."""
        self._topics, self._at = dict(topics), self._clock()

    def is_ready(self) -> bool:
        """Whether each topic's query has been started and none is down; no more once the job is to end."""
        topics = self._topics.values()
        return bool(topics) and not self.is_ending and not any(topic.failure for topic in topics)

    def answer(self) -> tuple[bool, str]:
        """Whether all is well, and a JSON object with what each topic does. Nothing is before the first look."""
        age, silent = self._clock() - self._at, self._store_silent_s()
        is_looked_after = age <= _PATIENCE and silent <= _STORE_PATIENCE and bool(self._topics)
        well = is_looked_after and all(topic.is_well for topic in self._topics.values())
        topics = {name: {"is_well": topic.is_well, **_shown(topic)} for name, topic in self._topics.items()}
        looked = {"looked_s_ago": round(age, 1), "store_silent_s": round(silent, 1)}
        return well, json.dumps({"is_well": well, **looked, "topics": topics})


def _shown(topic: TopicHealth) -> dict[str, object]:
    """Without a secret that the sentence of a failure may repeat."""
    return asdict(topic) | {"failure": printable(topic.failure)}


@contextmanager
def served(health: Health, address: tuple[str, int] | None) -> Iterator[None]:
    """Serve `/healthz`, `/readyz` and `/metrics` at (host, port) while the context lasts; nothing without an address.

    Raises LandingError if the address cannot be had.
    """
    if address is None:
        yield
        return
    paths: dict[str, Callable[[], Answer]] = {
        "/healthz": lambda: verdict(*health.answer()),
        "/readyz": lambda: verdict(ready := health.is_ready(), json.dumps({"is_ready": ready})),
        "/metrics": lambda: (200, CONTENT_TYPE_LATEST, metrics.exposition()),
    }
    with ExitStack() as stack:
        try:
            stack.enter_context(answered(address, paths))
        except OSError as error:
            raise LandingError(
                f"The health check cannot listen on {address[0]}:{address[1]} ({error.strerror}): choose another "
                "--health-address."
            ) from error
        yield
