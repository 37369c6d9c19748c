"""The application: settings, kernel, modules in order. The only file that knows every module."""

import dataclasses
from pathlib import Path

import flask_swagger_ui
from flask import Response, jsonify, request, send_from_directory
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from suite import (
    accounts,
    backups,
    companies,
    consents,
    exports,
    factors,
    licenses,
    messages,
    privacy,
    reminders,
    rights,
    staff,
    statistics,
    webhooks,
)
from suite.declarations import Part
from suite.kernel import clock, log, metrics, pages, schema, secrets, system
from suite.kernel.access import public, rule_of
from suite.kernel.api import Api
from suite.kernel.db import Database
from suite.kernel.errors import NotFound
from suite.kernel.files import journal_for, store_for
from suite.kernel.http import App, outside_transaction
from suite.kernel.jobs import dead_count, due_count, every
from suite.kernel.module import Module, recogniser
from suite.kernel.passwords import HashPool
from suite.kernel.secrets import Keyring
from suite.kernel.system import System
from suite.kernel.traffic import limit_traffic
from suite.privacy import Register
from suite.services import SERVICES, Vendor
from suite.settings import Settings, load

MODULES: tuple[Module, ...] = (
    privacy.module,
    consents.module,
    messages.module,
    factors.module,
    webhooks.module,
    accounts.module,
    reminders.module,
    companies.module,
    licenses.module,
    exports.module,
    rights.module,
    statistics.module,
    staff.module,
    backups.module,
)
VERSION = "0.1.0"
_COOKIES = ("session", "device", "choices", "download")
TEMPLATES = Path(__file__).parent / "templates"


class RouteWithoutRule(Exception):
    """A route does not say who may call it; the program does not start."""


def start(settings: Settings | None = None) -> System:
    """Start everything but the web: settings, log, database, keys, declarations. Refuses what is undeclared."""
    settings = settings or load()
    log.start(settings.log_level, settings.log_format)
    keys = Keyring(settings.secret_keys)
    running = System(
        settings=settings,
        keys=keys,
        database=Database(settings.database_url, settings.database_pool),
        hashes=HashPool(keys, settings.hash_threads, settings.hash_queue),
        files=store_for(settings),
        journal=journal_for(settings),
    )
    system.use(running)
    vendor = vendor_of(settings)
    licenses.catalogue()
    register = Register(
        declarations=tuple(module.declaration for module in MODULES),
        services={key: dataclasses.replace(service, title=vendor.title(key)) for key, service in SERVICES.items()},
        parts=_parts(settings),
        vendor=dataclasses.asdict(vendor),
        sweep_minutes=settings.sweep_minutes,
    )
    privacy.declare(register)
    privacy.check(
        register,
        letters=[*(one.key for one in messages.all_letters()), *(one.key for one in messages.all_texts())],
        exits=[*messages.EXITS, *webhooks.EXITS],
        cookies=[f"{'__Host-' if settings.https else 'suite_'}{name}" for name in _COOKIES],
    )
    every(privacy.sweep_job, minutes=settings.sweep_minutes)
    every(privacy.sweep_daily, minutes=24 * 60)
    every(accounts.tell_idle, minutes=24 * 60)
    every(companies.mend, minutes=60)
    every(privacy.seal_audit, minutes=1)
    every(privacy.seal_tombstones, minutes=1)
    every(statistics.count_job, minutes=30)
    every(reminders.run_reminders, minutes=15)
    every(backups.prune_job, minutes=60)
    if settings.backup_hours:
        every(backups.create_backup, minutes=settings.backup_hours * 60)
    return running


def vendor_of(settings: Settings) -> Vendor:
    """Give the facts of the vendor that the settings name."""
    return Vendor.load(Path(settings.vendor_file)) if settings.vendor_file else Vendor.load()


def _parts(settings: Settings) -> frozenset[Part]:
    """Give the parts of the product that are there, without those the operator switched off."""
    off = {Part.TEXT_MESSAGES} if settings.sms == "off" else set()
    off |= {Part.SECURITY_QUESTIONS} if settings.security_questions == "off" else set()
    return frozenset(part for module in MODULES for part in module.provides) - off


def check_database(running: System) -> None:
    """Refuse an old schema, a restore that is not finished, and tables nobody declared."""
    schema.check(running.database.engine)
    backups.check_finished()
    privacy.check_database(privacy.declared(), running.database.engine)
    licenses.check_products()


def create_app(settings: Settings | None = None, *, check_schema: bool = True) -> App:
    """Make the WSGI application."""
    running = start(settings)
    settings = running.settings
    if settings.production:
        vendor_of(settings).check_for_people()
    if check_schema:
        check_database(running)
        privacy.publish_notice()
    app = App(settings)
    app.config.update(
        API_TITLE="Suite",
        API_VERSION="v1",
        OPENAPI_VERSION="3.1.0",
        OPENAPI_URL_PREFIX=None,
    )
    app.cookies_allowed = {cookie.name: cookie for module in MODULES for cookie in module.declaration.cookies}
    app.cookie_consented = consents.cookie_consented
    app.recognise = recogniser(MODULES)
    limit_traffic(app)
    api = Api(
        app,
        spec_kwargs={
            "info": {
                "description": (TEMPLATES / "api.md").read_text(encoding="utf-8"),
                "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
            }
        },
    )
    for module in MODULES:
        for blueprint in module.api:
            api.register_blueprint(blueprint)
        for page_blueprint in (*module.pages, *(() if settings.production else module.development_pages)):
            app.register_blueprint(page_blueprint)
    app.extensions["api"] = api
    _operations(app, running)
    _documents(app, api)
    check_rules(app)
    return app


def check_rules(app: App) -> None:
    """Refuse to start when a route does not say who may call it."""
    for rule in app.url_map.iter_rules():
        view = app.view_functions[rule.endpoint]
        methods = (rule.methods or set()) - {"OPTIONS", "HEAD"}
        view_class = getattr(view, "view_class", None)
        for method in methods:
            handler = getattr(view_class, method.lower()) if view_class else view
            said = rule_of(handler)
            if said is None or (said.fresh and said.public):
                raise RouteWithoutRule(
                    f"{method} {rule.rule} does not say who may call it: put @public or @allow(...) on it."
                )


def _operations(app: App, running: System) -> None:
    @app.get("/healthz")
    @public
    @outside_transaction
    def healthz() -> Response:
        """Say that the process answers."""
        return jsonify({"status": "ok"})

    @app.get("/readyz")
    @public
    @outside_transaction
    def readyz() -> tuple[Response, int]:
        """Say whether the database and the file store can be used."""
        problems = []
        try:
            with running.database.reading.connect() as connection:
                connection.execute(text("SELECT 1"))
        except SQLAlchemyError:
            problems.append("database")
        try:
            running.files.check()
        except Exception:  # noqa: BLE001 - stores raise what they like
            problems.append("files")
        return jsonify({"status": "not_ready" if problems else "ok", "problems": problems}), 503 if problems else 200

    @app.get("/metrics")
    @public
    @outside_transaction
    def metrics_page() -> Response:
        """Give the metrics in the text format of Prometheus; their numbers are not for strangers."""
        token = running.settings.metrics_token
        given = request.headers.get("Authorization", "").removeprefix("Bearer ")
        if (token and not (given.isascii() and secrets.same(given, token))) or (
            not token and running.settings.production
        ):
            raise NotFound
        metrics.WAITING_JOBS.set(due_count())
        metrics.DEAD_JOBS.set(dead_count())
        metrics.OVERDUE_REQUESTS.set(rights.overdue(clock.now()))
        metrics.SWEEPS_STOPPED.set(privacy.sweeps_stopped_since() is not None)
        return Response(metrics.page(), content_type="text/plain; version=0.0.4; charset=utf-8")


def _documents(app: App, api: Api) -> None:
    @app.get("/openapi.json")
    @public
    @outside_transaction
    def openapi() -> Response:
        """Give the API description."""
        response = jsonify(api.spec.to_dict())
        response.headers["Cache-Control"] = "public, max-age=300"
        return response

    @app.get("/docs")
    @public
    @outside_transaction
    def docs() -> Response:
        """Show the API reference."""
        return pages.page((TEMPLATES / "docs.html").read_text(encoding="utf-8"))

    @app.get("/docs/<any('swagger-ui.css', 'swagger-ui-bundle.js'):name>")
    @public
    @outside_transaction
    def docs_asset(name: str) -> Response:
        """Give the parts of the API reference, from an installed package."""
        response = send_from_directory(Path(flask_swagger_ui.__file__).parent / "dist", name)
        response.headers["Cache-Control"] = "public, max-age=86400"
        return response

    @app.get("/")
    @public
    @outside_transaction
    def start_page() -> Response:
        """Show where everything is."""
        source = (TEMPLATES / "start.html").read_text(encoding="utf-8")
        return pages.page(source, development=not app.settings.production, version=VERSION)
