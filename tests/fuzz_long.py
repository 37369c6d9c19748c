"""Generated requests at every route, for minutes: `python -m tests.fuzz_long 10`. Exit 1 when something was found."""

import contextlib
import itertools
import sys
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import hypothesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Unsatisfiable
from hypothesis.strategies import SearchStrategy
from schemathesis import Case, GenerationMode

from suite import app as application
from suite.kernel import system
from suite.kernel.http import App
from tests import databases
from tests.conftest import empty, settings_for
from tests.house_rules.test_fuzz import DESCRIBED, member, send, staff, stranger

PER_TURN = 40
TURNS_BETWEEN_EMPTYING = 20


def main(minutes: float, first_seed: int = 0) -> int:
    """Fuzz for so many minutes; print each finding with the seed that repeats it."""
    until = time.monotonic() + minutes * 60
    found: dict[str, str] = {}
    answers: Counter[int] = Counter()
    with tempfile.TemporaryDirectory() as folder:
        app = application.create_app(settings_for(databases.migrated_sqlite(Path(folder)), Path(folder)))
        for number, (seed, name, turn) in enumerate(turns(app, first_seed, answers)):
            if time.monotonic() > until:
                break
            if number % TURNS_BETWEEN_EMPTYING == 0:
                empty(system.current())
            try:
                with contextlib.suppress(Unsatisfiable):  # an operation without input has no wrong input
                    turn()
            except BaseException as problem:
                if isinstance(problem, KeyboardInterrupt):
                    break
                key = f"{name}: {str(problem).splitlines()[0]}"
                if key not in found:
                    found[key] = f"seed {seed}"
                    print(
                        f"\n== {name}, seed {seed}\n" + "".join(traceback.format_exception(problem))[-3000:], flush=True
                    )
    shown = ", ".join(f"{status}: {count}" for status, count in sorted(answers.items()))
    print(f"{answers.total()} requests from seed {first_seed} on; answers {shown}; {len(found)} findings.")
    return 1 if found else 0


def turns(app: App, first_seed: int, answers: Counter[int]) -> Iterator[tuple[int, str, Callable[[], None]]]:
    """Give one round after another: every operation, as each kind of caller, with right and wrong input."""
    operations = [result.ok() for result in DESCRIBED.get_all_operations()]
    for seed in itertools.count(first_seed):
        for operation, caller, mode in itertools.product(operations, (stranger, member, staff), GenerationMode):
            generated = operation.as_strategy(generation_mode=mode)
            name = f"{operation.label} as {caller.__name__}, {mode.value}"
            yield seed, name, one_turn(lambda case, caller=caller: send(case, app, caller), generated, seed, answers)


def one_turn(
    sent: Callable[[Case], int], generated: SearchStrategy[Case], seed: int, answers: Counter[int]
) -> Callable[[], None]:
    """Make one turn of generated requests at one operation."""

    @hypothesis.seed(seed)
    @settings(
        max_examples=PER_TURN,
        database=None,
        deadline=None,
        phases=(Phase.generate, Phase.shrink),
        suppress_health_check=list(HealthCheck),
    )
    @given(case=generated)
    def turn(case: Case) -> None:
        answers[sent(case)] += 1

    return turn


if __name__ == "__main__":
    sys.exit(main(float(sys.argv[1]) if len(sys.argv) > 1 else 10, *(int(word) for word in sys.argv[2:3])))
