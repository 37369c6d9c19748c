"""Prometheus metrics; labels come from fixed sets, never from input."""

import os

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector

REQUESTS = Histogram(
    "suite_request_seconds",
    "Time to answer, by route, method and status class.",
    ["route", "method", "status"],
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
)
REFUSALS = Counter("suite_refusals_total", "Refusals by code.", ["code"])
JOBS = Counter("suite_jobs_total", "Background jobs by name and outcome.", ["name", "outcome"])
MESSAGES = Counter("suite_messages_total", "Messages by kind and outcome.", ["kind", "outcome"])
REMINDERS = Counter("suite_reminders_total", "Reminders settled, by kind of thing and outcome.", ["about", "outcome"])
TEXTS = Counter("suite_text_decisions_total", "Text messages let through or refused, by outcome.", ["outcome"])
WEBHOOKS = Counter("suite_webhooks_total", "Webhook deliveries by event and outcome.", ["event", "outcome"])
VISITS = Counter("suite_visits_total", "Visits noted for statistics, by service and outcome.", ["service", "outcome"])
ERASED = Counter("suite_erased_rows_total", "Rows deleted by retention, by table.", ["table"])
SWEEPS_STOPPED = Gauge("suite_sweeps_stopped", "1 while deletions are stopped by hand.")
DEAD_JOBS = Gauge("suite_dead_jobs", "Jobs that were given up and wait for the operator.")
OVERDUE_REQUESTS = Gauge("suite_overdue_requests", "Requests about personal data whose deadline is over.")
WAITING_JOBS = Gauge("suite_waiting_jobs", "Jobs that are due.")


def page() -> bytes:
    """Render the metrics of this process, or of all processes of a machine."""
    if "PROMETHEUS_MULTIPROC_DIR" in os.environ:
        registry = CollectorRegistry()
        MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
        return generate_latest(registry)
    return generate_latest()
