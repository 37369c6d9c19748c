"""The backups and their inner keys as a store: erasures destroy keys, sweeps end what is old."""

from collections.abc import Collection, Iterator
from datetime import datetime
from functools import partial
from uuid import UUID

from sqlalchemy import Table

from suite.backups import archive, bundles, jobs, keys, listing, plan, shredding
from suite.backups.create import PEOPLE, SHREDDED
from suite.backups.work import nameless, room
from suite.kernel import db
from suite.kernel.jobs import defer
from suite.kernel.log import log
from suite.privacy import Store, add_store


class _Backups(Store):
    key = "backups"

    def erase(self, people: Collection[UUID]) -> None:
        """Destroy the keys of people as soon as their erasure is committed; the job makes up for whoever dies then."""
        defer(jobs.destroy_keys, dedupe="backups.destroy_keys")
        db.after_commit(partial(_destroy, tuple(people)))

    def swept(self, table: Table) -> None:
        """Destroy the keys of what went with a service, before its limit is over and not an hour later."""
        if plan.follows_service(table):
            defer(jobs.destroy_keys, dedupe="backups.destroy_keys")

    def expire(self, now: datetime) -> int:
        """Delete backups at their age and keys nobody belongs to."""
        return len(listing.prune()) + shredding.destroy_orphans()

    def bytes(self) -> Iterator[tuple[str, bytes]]:
        """Give everything that can still be read in any backup, and the keys."""
        for backup in listing.backups():
            with room() as work, nameless(work) as whole:
                archive.decrypt(listing.place().open(backup.name), keys.identities(), whole)
                for name, content in archive.parts(whole):
                    if name == PEOPLE or name.startswith(SHREDDED):
                        for record in bundles.Opener(shredding.KeyStore()).open(content):
                            yield f"{backup.name}/{name}", record.content
                    else:
                        yield f"{backup.name}/{name}", content.read()
        yield from (("shredding", content) for content in shredding.KeyStore().contents())


def _destroy(people: tuple[UUID, ...]) -> None:
    for person in people:
        try:
            shredding.destroy(person)
        except Exception as problem:  # noqa: BLE001 - stores raise what they like; the deferred job tries again
            log.warning("backup_key_not_destroyed", exc_info=problem)
            return


add_store(_Backups())
