"""Measured side by side on this machine and printed as ratios: `python -m benchmarks [name ...]`."""
