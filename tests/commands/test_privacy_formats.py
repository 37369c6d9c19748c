"""The declarations in the formats of others: each is read back by the reader it is made for."""

import csv
import io
import json

import pytest
import yaml
from fideslang.default_taxonomy import DEFAULT_TAXONOMY
from fideslang.models import Taxonomy

from suite import privacy
from suite.privacy.formats.record import COLUMNS, harmless
from suite.services import SERVICES
from tests.commands.conftest import Terminal
from tests.pages import read


@pytest.mark.policy("DEC-14")
def test_fideslang_reads_our_yaml_and_knows_every_key_in_it(terminal: Terminal) -> None:
    done = terminal("privacy", "fides")

    taxonomy = Taxonomy(**yaml.safe_load(done.out))
    categories = {one.fides_key for one in (*DEFAULT_TAXONOMY.data_category, *taxonomy.data_category)}
    uses = {one.fides_key for one in DEFAULT_TAXONOMY.data_use}
    subjects = {one.fides_key for one in DEFAULT_TAXONOMY.data_subject}
    fields = [field for one in taxonomy.dataset[0].collections for field in one.fields]
    declared = [one for system in taxonomy.system for one in system.privacy_declarations]
    assert done.code == 0
    assert {category for field in fields for category in field.data_categories} <= categories
    assert {category for one in declared for category in one.data_categories} <= categories
    assert {one.data_use for one in declared} <= uses
    assert {subject for one in declared for subject in one.data_subjects} <= subjects
    assert all(one.parent_key in categories for one in taxonomy.data_category)


@pytest.mark.policy("DEC-14")
def test_fides_gets_every_column_every_service_and_every_retention(terminal: Terminal) -> None:
    found = yaml.safe_load(terminal("privacy", "fides").out)

    tables = {table.name: table for table, _ in privacy.declared().tables()}
    (dataset,) = found["dataset"]
    assert {one["name"]: [field["name"] for field in one["fields"]] for one in dataset["collections"]} == {
        name: [column.name for column in table.columns] for name, table in tables.items()
    }
    assert set(dataset["meta"]["retention"]) == set(tables)
    assert all(dataset["meta"]["retention"].values())
    assert [one["fides_key"] for one in found["system"]] == list(SERVICES)
    for system, service in zip(found["system"], SERVICES.values(), strict=True):
        assert [one["name"] for one in system["privacy_declarations"]] == [one.key for one in service.purposes]
        assert system["meta"]["retention"]["after_closure"] == service.keep.iso()


def test_the_record_of_processing_has_a_row_for_every_purpose_of_every_service(terminal: Terminal) -> None:
    rows = list(csv.DictReader(io.StringIO(terminal("privacy", "record").out)))

    assert len(rows) == sum(len(service.purposes) for service in SERVICES.values())
    for row in rows:
        needed = [column for column in COLUMNS if column not in {"recipients", "transfers and safeguards"}]
        assert all(row[column] for column in needed), row
        assert bool(row["recipients"]) == bool(row["transfers and safeguards"])
    codes = next(row for row in rows if row["purpose"].startswith("send authorisation security codes"))
    assert "mobile phone number" in codes["categories of data"]
    assert "outside the EEA: processor contract with Standard Contractual Clauses" in codes["transfers and safeguards"]


def test_the_record_of_processing_is_a_page_too(terminal: Terminal) -> None:
    page = read(terminal("privacy", "record", "--format", "html").out)

    assert "Record of processing activities" in page.text
    assert len(page.all("section")) == sum(len(service.purposes) for service in SERVICES.values())
    assert all(title in page.text for title in ("Controller", "Data protection officer", "Representative in the EU"))


@pytest.mark.parametrize("cell", ["=1+1", "+1", "-1", "@SUM(A1)", "\tx", "\rx", " =1", "|cmd", "%x"])
def test_no_cell_is_a_formula(cell: str) -> None:
    assert harmless(cell) == f"'{cell}"
    assert harmless("e-mail address") == "e-mail address"


def test_dpv_names_purpose_basis_data_and_storage_of_every_process(terminal: Terminal) -> None:
    found = json.loads(terminal("privacy", "dpv").out)

    processes = [one for one in found["@graph"] if one["@type"] == "dpv:Process"]
    assert len({one["@id"] for one in processes}) == sum(len(service.purposes) for service in SERVICES.values())
    for one in processes:
        assert one["dpv:hasPurpose"]["@id"].startswith("dpv:")
        assert one["dpv:hasLegalBasis"]["@id"].startswith("gdpr:A6-1-")
        assert all(one[f"dpv:{part}"] for part in ("hasPersonalData", "hasStorageCondition", "hasDataSubject"))
