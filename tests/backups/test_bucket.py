"""Backups, their keys, the files and the journal in a bucket, from end to end."""

import os
from datetime import timedelta

import pytest

from suite.backups import listing, shredding
from suite.kernel import clock, jobs, system
from suite.privacy import sweep
from tests.backups.conftest import Vault, number_of, rows
from tests.backups.systems import other
from tests.kernel.test_files import bucket
from tests.people import PROFILES, People

assert bucket


@pytest.mark.policy("DEC-11")
def test_a_backup_goes_into_a_bucket_and_comes_back_from_it(people: People, vault: Vault, bucket: str) -> None:
    people.account("ann@example.org", "business-hub")
    people.account("bob@example.org", "motorsport", profile=PROFILES["motorsport"] | {"last_name": "Canaryfeather"})
    people.account("cat@example.org", "motorsport")
    cat = number_of(people, "cat@example.org")
    people._outbox.empty()
    place = f"s3://files/{os.urandom(4).hex()}"
    urls = {f"{name}_url": f"{place}/{name}" for name in ("backups", "shredding", "files")}

    with other(s3_endpoint=bucket, s3_access_key="a", s3_secret_key="b", **urls):
        stored = system.current().files.put([b"content"], most=10)
        backup = vault.make()
        assert vault.holds("Canaryfeather")
        people.sign_in("bob@example.org").post("/api/v1/me/closure")
        with clock.at(clock.now() + timedelta(hours=24)):
            sweep()
            jobs.run_due()
            assert not vault.holds("Canaryfeather")
            vault.bring_back(backup)
        kept = shredding.KeyStore().get(shredding.of_person(cat))
        with clock.at(backup.expires_at):
            assert listing.prune() == [backup]

    assert sorted(rows("SELECT address FROM accounts")) == [("ann@example.org",), ("cat@example.org",)]
    assert kept is not None
    assert stored.size == 7
