"""Does the landing folder's store answer? Asked beside the batches: one that hangs in a request cannot tell."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from ingest.failure import sentence
from ingest.folder.store import Store
from ingest.landing import metrics

log = logging.getLogger("ingest")
_EVERY = 10.0  # seconds between two questions


class StoreWatch:
    """When the store answered last."""

    def __init__(self, store: Store, clock: Callable[[], float] = time.monotonic) -> None:
        self._store, self._clock = store, clock
        self._answered = clock()
        self._is_over = threading.Event()
        metrics.STORE_SILENCE.set_function(self.silent_s)

    def silent_s(self) -> float:
        """Seconds since the last answer."""
        return self._clock() - self._answered

    def ask(self) -> None:
        """Ask once, and log the first time that it does not answer, and the first that it does again."""
        was_silent = self.silent_s() > 2 * _EVERY
        try:
            self._store.answer()
        except Exception as error:  # whatever it is, it is no answer
            if not was_silent:
                log.warning("%s does not answer: %s", self._store.named(""), sentence(error))
            return
        self._answered = self._clock()
        if was_silent:
            log.info("%s answers again", self._store.named(""))

    def go_on(self) -> None:
        """Ask until `end`."""
        while not self._is_over.wait(_EVERY):
            self.ask()

    def end(self) -> None:
        """Ask no more."""
        self._is_over.set()


@contextmanager
def watched(store: Store) -> Iterator[StoreWatch]:
    """A watch that goes on in a thread while the context lasts."""
    watch = StoreWatch(store)
    threading.Thread(target=watch.go_on, name="store watch", daemon=True).start()
    try:
        yield watch
    finally:
        watch.end()
