"""`suite serve` and `suite worker`."""

import os
import signal
import tempfile
import threading

import click


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", default=8000, show_default=True, type=click.IntRange(1, 65535), help="Port to listen on.")
@click.option("--workers", default=1, show_default=True, type=click.IntRange(1, 64), help="Server processes.")
@click.option("--threads", default=16, show_default=True, type=click.IntRange(1, 256), help="Threads per process.")
@click.option("--jobs/--no-jobs", default=True, show_default=True, help="Run background jobs in the same process.")
@click.option("--migrate", is_flag=True, help="Migrate the database first when that is needed.")
@click.option("--quiet", is_flag=True, help="Print no addresses.")
def serve(host: str, port: int, workers: int, threads: int, jobs: bool, migrate: bool, quiet: bool) -> None:
    """Run the server, with the worker in the same process."""
    if workers > 1:
        os.environ.setdefault("PROMETHEUS_MULTIPROC_DIR", tempfile.mkdtemp(prefix="suite-metrics-"))
    from suite import server
    from suite.kernel import schema
    from suite.kernel.db import Database
    from suite.settings import load

    if os.environ.get("SUITE_ENVIRONMENT") != "production":
        os.environ.setdefault("SUITE_PUBLIC_URL", f"http://{host}:{port}")
    settings = load()
    server.check_port(host, port)
    if migrate:
        database = Database(settings.database_url, pool=1)
        needed = schema.present(database.engine) != schema.newest()
        database.close()
        if needed:
            schema.upgrade(settings.database_url)
    if not quiet:
        base = f"http://{host}:{port}"
        click.echo(f"Serving        {base}   (Ctrl-C ends it)")
        click.echo(f"API reference  {base}/docs")
        click.echo(f"Privacy notice {base}/privacy")
        if not settings.production:
            click.echo(f"Mail and SMS   {base}/dev/inbox")
    server.serve(settings, host=host, port=port, workers=workers, threads=threads, with_jobs=jobs)


@click.command()
@click.option("--threads", type=click.IntRange(2, 64), help="Threads; default: SUITE_WORKER_THREADS.")
def worker(threads: int | None) -> None:
    """Run background jobs only, on a machine of its own."""
    from suite import app
    from suite.kernel.worker import Worker

    running = app.start()
    app.check_database(running)
    stopped = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopped.set())
    jobs = Worker(threads or running.settings.worker_threads)
    jobs.start()
    click.echo("The worker runs. Ctrl-C ends it.")
    stopped.wait()
    jobs.stop()
