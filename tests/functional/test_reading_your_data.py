"""The page on reading data is true: its code runs on our own files, its tables are made."""

import importlib.util
import json
import re
import sqlite3
from contextlib import closing
from pathlib import Path

import pandas as pd
import pytest

import fs_risk as fs
from fs_risk.readers.returns import HOLDS
from fs_risk.records.writing.ssda903 import write_ssda903

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "reading_your_data.md"
TEXT = PAGE.read_text(encoding="utf-8")
BLOCKS = re.findall(r"```python\n(.*?)```", TEXT, re.S)


@pytest.fixture(scope="module")
def supports():
    spec = importlib.util.spec_from_file_location(
        "what_each_return_supports", ROOT / "evaluation" / "what_each_return_supports.py"
    )
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    """Write an invented authority as every return, under the names that the page uses."""
    place = tmp_path_factory.mktemp("page")
    authority = fs.make_authority(children=1_500, years=6, seed=1)
    extract = authority.to_ssd(place / "extract")
    with closing(sqlite3.connect(place / "ssd.db")) as connection:
        for file in extract.glob("*.csv"):
            pd.read_csv(file, dtype="str").to_sql(file.stem, connection, index=False)
    authority.to_cin_census(place / "cin")
    authority.to_annex_a(place / "annex_a.xlsx")
    written = write_ssda903(authority, place / "ssda903-all")
    for year in (2024, 2025):
        folder = place / "ssda903" / str(year)
        folder.mkdir(parents=True)
        for file in written:
            if file.stem.endswith(str(year)):
                (folder / file.name).write_bytes(file.read_bytes())
    sent = payloads(authority)
    (place / "api").mkdir()
    (place / "api" / "0.json").write_text(json.dumps(sent), encoding="utf-8")
    rows = [
        {"json_payload": json.dumps(each), "submission_timestamp": "2025-01-02 03:00"}
        for each in sent
    ]
    pd.DataFrame(rows).to_csv(place / "staging.csv", index=False)
    own = place / "family-safeguarding"
    own.mkdir()
    child = authority["children"]["child_id"].iloc[0]
    (own / "families.csv").write_text(f"family_id,child_id\nF1,{child}\n", encoding="utf-8")
    (own / "group_supervision.csv").write_text(
        "supervision_id,family_id,supervision_date\nV1,F1,2025-01-10\n", encoding="utf-8"
    )
    (place / "exclude.txt").write_text(f"{child}\n", encoding="utf-8")
    add_addresses(authority, extract)
    return place


def payloads(authority):
    plans = authority["cp_plans"].head(20)
    return [
        {
            "la_child_id": row.child_id,
            "social_care_episodes": [
                {
                    "social_care_episode_id": f"E{row.cp_plan_id}",
                    "referral_date": f"{row.start_date:%Y-%m-%d}",
                    "child_protection_plans": [
                        {
                            "child_protection_plan_id": row.cp_plan_id,
                            "start_date": f"{row.start_date:%Y-%m-%d}",
                        }
                    ],
                }
            ],
        }
        for row in plans.itertuples()
    ]


def add_addresses(authority, extract):
    """Give each family one home."""
    links = authority["family_links"].drop_duplicates("child_id")
    uprns = pd.factorize(links["family_id"])[0] + 1
    pd.DataFrame(
        {
            "addr_table_id": range(len(links)),
            "addr_person_id": links["child_id"],
            "addr_address_json": [json.dumps({"UPRN": str(uprn)}) for uprn in uprns],
        }
    ).to_csv(extract / "ssd_address.csv", index=False)


def test_every_python_block_runs_in_order(files, monkeypatch, capsys):
    monkeypatch.chdir(files)
    names: dict[str, object] = {}

    for block in BLOCKS:
        exec(compile(block, PAGE.name, "exec"), names)

    assert (files / "quality.html").is_file()
    printed = capsys.readouterr().out.split()
    # hashes of two returns meet, and each inferred link says so
    assert printed.count("True") >= 2
    assert "False" not in printed[-2:]
    excluded = (files / "exclude.txt").read_text(encoding="utf-8").strip()
    assert excluded not in set(names["records"]["children"]["child_id"])


NO_RETURNS = ("read_dfe_annual", "read_dfe_referrals_by_month", "read_vignettes")
"""Read published statistics and invented cases: docs/demand.md, docs/how_sure_is_a_score.md."""


def test_there_is_a_section_and_a_command_for_each_return():
    for heading in (
        "Standard Safeguarding Dataset",
        "Children in need census",
        "Children looked after",
        "Annex A",
        "DfE's daily API",
        "Family Safeguarding's own records",
    ):
        assert re.search(rf"^## .*{heading}", TEXT, re.M), heading
    for reader in (name for name in fs.__all__ if name.startswith("read_")):
        if reader in NO_RETURNS:
            continue
        assert f"fs.{reader}(" in TEXT, reader


def test_generated_tables_are_those_that_the_code_gives(supports):
    """If this fails: python evaluation/what_each_return_supports.py --write."""
    assert supports.filled(TEXT) == TEXT


def test_no_return_observes_a_table_that_it_is_said_not_to_hold(files):
    read = {
        "SSD": fs.read_ssd(files / "extract"),
        "CIN census": fs.read_cin_census(files / "cin"),
        "SSDA903": fs.read_ssda903(files / "ssda903" / "2025"),
        "Annex A": fs.read_annex_a(files / "annex_a.xlsx"),
        "DfE API": fs.read_dfe_api(files / "api"),
        "Family Safeguarding": fs.read_family_safeguarding(files / "family-safeguarding"),
    }

    assert set(read) == set(HOLDS)
    for name, records in read.items():
        observed = {table for table in records if records.coverage[table] is not None}
        assert observed <= set(HOLDS[name]), name
    assert {t for t in read["SSD"] if read["SSD"].coverage[t] is not None} == set(HOLDS["SSD"])


def test_links_lead_somewhere():
    for target in re.findall(r"\]\(([^)#:]+)\)", TEXT):
        assert (PAGE.parent / target).exists(), target
