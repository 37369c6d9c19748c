"""The worker: threads that run jobs, in the server process or in one of their own."""

import os
import secrets
import socket
import threading
import time

from suite.kernel import jobs, system
from suite.kernel.log import log

_POLL = 0.5
_PERIODIC = 5.0
_BATCH = 10
_BATCH_SECONDS = 2.0


class Worker:
    """Runs jobs until told to stop; the first thread takes only urgent ones, so codes never wait."""

    def __init__(self, threads: int) -> None:
        self._stop = threading.Event()
        name = f"{socket.gethostname()[:30]}-{os.getpid()}-{secrets.token_hex(3)}"
        self._wakes = [threading.Event() for _ in range(threads)]
        self._threads = [
            threading.Thread(
                target=self._loop,
                args=(
                    f"{name}-{number}",
                    (0, jobs.URGENT) if number == 0 else (0, jobs.BULK),
                    self._wakes[number],
                ),
                name=f"worker-{number}",
                daemon=True,
            )
            for number in range(threads)
        ]
        self._threads.append(threading.Thread(target=self._tick, name="worker-clock", daemon=True))
        self._threads.append(threading.Thread(target=self._bell, name="worker-bell", daemon=True))
        if not system.current().database.sqlite:
            self._threads.append(threading.Thread(target=self._listen, name="worker-listen", daemon=True))

    def start(self) -> None:
        """Start the threads."""
        for thread in self._threads:
            thread.start()

    def stop(self, patience: float = 20.0) -> None:
        """Finish the jobs that run and take no more; wait at most `patience` seconds."""
        self._stop.set()
        jobs.wake.set()
        for event in self._wakes:
            event.set()
        until = time.monotonic() + patience
        for thread in self._threads:
            if thread.name != "worker-listen":
                thread.join(max(0.0, until - time.monotonic()))

    def _bell(self) -> None:
        """Pass the one wake-up of the process on to every thread."""
        while not self._stop.is_set():
            if jobs.wake.wait(1.0):
                jobs.wake.clear()
                for event in self._wakes:
                    event.set()

    def _loop(self, owner: str, lanes: tuple[int, int], wake: threading.Event) -> None:
        pause = _POLL
        while not self._stop.is_set():
            try:
                batch = jobs.claim(owner, _BATCH, lanes=lanes) if jobs.any_due(lanes=lanes) else []
                self._run(batch)
                pause = 0.0 if batch else _POLL
            except Exception as problem:  # noqa: BLE001 - a worker outlives a database that is away
                log.error("worker_paused", exc_info=problem)
                pause = min(max(pause, _POLL) * 2, 5.0)
            if pause:
                wake.wait(pause)
                wake.clear()

    def _run(self, batch: list[jobs.Claimed]) -> None:
        """Run what was claimed; when it takes long or the worker stops, others may take the rest at once."""
        until = time.monotonic() + _BATCH_SECONDS
        for number, claimed in enumerate(batch):
            if self._stop.is_set() or time.monotonic() > until:
                jobs.release(batch[number:])
                return
            jobs.run(claimed)

    def _tick(self) -> None:
        while not self._stop.is_set():
            try:
                jobs.fire_periodic()
            except Exception as problem:  # noqa: BLE001 - as above
                log.error("periodic_jobs_paused", exc_info=problem)
            self._stop.wait(_PERIODIC)

    def _listen(self) -> None:
        """Hear from other machines that there is work; polling goes on if this breaks."""
        import psycopg  # 0.13 s that an installation on SQLite never pays

        url = system.current().database.url.set(drivername="postgresql").render_as_string(hide_password=False)
        while not self._stop.is_set():
            try:
                with psycopg.connect(url, autocommit=True) as connection:
                    connection.execute(f"LISTEN {jobs.CHANNEL}")
                    while not self._stop.is_set():
                        for _ in connection.notifies(timeout=1.0):
                            jobs.wake.set()
            except psycopg.Error:
                self._stop.wait(5.0)
