"""Many at once: threads that begin together, and applications of their own for them."""

import threading
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


def at_once(number: int, act: Callable[[int], T]) -> list[T]:
    """Run `act` in so many threads that begin together; give the results in order, or raise the first problem."""
    gate = threading.Barrier(number)
    results: dict[int, T] = {}
    problems: list[BaseException] = []

    def run(which: int) -> None:
        try:
            gate.wait(20)
            results[which] = act(which)
        except BaseException as problem:
            problems.append(problem)

    threads = [threading.Thread(target=run, args=(which,)) for which in range(number)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    if problems:
        raise problems[0]
    return [results[which] for which in range(number)]
