"""Run all benchmarks, or those named, each a module of this folder. Nothing is written."""

import importlib
import sys

NAMES = (
    "whoami",
    "passwords",
    "start",
    "memory",
    "delivery",
    "statistics",
    "exports",
    "sweeps",
    "privacy",
    "licenses",
    "reminders",
    "validations",
)

if __name__ == "__main__":
    wanted = sys.argv[1:] or NAMES
    unknown = [name for name in wanted if name not in NAMES]
    if unknown:
        sys.exit(f"There is no benchmark {unknown[0]}; there are {', '.join(NAMES)}.")
    for name in wanted:
        importlib.import_module(f"benchmarks.{name}").main()
