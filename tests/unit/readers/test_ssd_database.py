"""The dataset read straight from a database: SQLite, and a real PostgreSQL where one can start."""

import os
import pwd
import shutil
import socket
import sqlite3
import subprocess
import tempfile
import traceback
from contextlib import closing
from glob import glob
from pathlib import Path

import pandas as pd
import pytest
import sqlalchemy as sa

from fs_risk.errors import ReturnError, SettingError
from fs_risk.readers.ssd import read_ssd
from fs_risk.records.tables import TABLES

SECRET = "p@ss/word!"
PEOPLE = pd.DataFrame(
    {
        "pers_person_id": ["007", "C2", "C3"],
        "pers_forename": ["Ann", "Bob", "Cy"],
        "pers_sex": ["F", "M", None],
        "pers_dob": pd.to_datetime(["2012-05-01", "2024-01-15", None]),
    }
)
REFERRALS = pd.DataFrame(
    {
        "cine_referral_id": ["R2", "R1"],
        "cine_person_id": ["C2", "007"],
        "cine_referral_date": pd.to_datetime(["2024-09-02", "2024-04-10"]),
        "cine_referral_source_code": [6, 4],
        "cine_referral_nfa": ["Y", "N"],
    }
)
ASSESSMENTS = pd.DataFrame(
    {
        "cina_assessment_id": ["A1"],
        "cina_person_id": ["007"],
        "cina_referral_id": ["R1"],
        "cina_assessment_start_date": pd.to_datetime(["2024-04-11"]),
        "cina_assessment_auth_date": pd.to_datetime(["2024-05-20"]),
    }
)
FACTORS = pd.DataFrame(
    {
        "cinf_table_id": ["1"],
        "cinf_assessment_id": ["A1"],
        "cinf_assessment_factors_json": ['["3B", "4B"]'],
    }
)
EXTRACT = {
    "ssd_person": PEOPLE,
    "ssd_cin_episodes": REFERRALS,
    "ssd_cin_assessments": ASSESSMENTS,
    "ssd_assessment_factors": FACTORS,
}


def fill(path, tables=EXTRACT):
    with closing(sqlite3.connect(path)) as connection:
        for name, frame in tables.items():
            frame.to_sql(name, connection, index=False)
    return f"sqlite:///{path}"


@pytest.fixture
def database(tmp_path):
    """An SQLite database with a small extract."""
    return fill(tmp_path / "extract.db")


def same_but_provenance(one, other):
    for name, table in TABLES.items():
        left = one[name][table.names].sort_values(list(table.key) or ["child_id"])
        right = other[name][table.names].sort_values(list(table.key) or ["child_id"])
        pd.testing.assert_frame_equal(left.reset_index(drop=True), right.reset_index(drop=True))


def test_database_gives_the_same_records_as_the_folder_of_its_tables(database, tmp_path):
    folder = tmp_path / "folder"
    folder.mkdir()
    for name, frame in EXTRACT.items():
        frame.to_csv(folder / f"{name}.csv", index=False)

    from_database = read_ssd(database, extract_date="2024-12-31")

    same_but_provenance(from_database, read_ssd(folder, extract_date="2024-12-31"))
    assert from_database["factors"]["code"].to_list() == ["3B", "4B"]


def test_an_authority_survives_the_way_through_a_database(tmp_path, small_authority):
    folder = small_authority.to_ssd(tmp_path / "ssd")
    path = tmp_path / "authority.db"
    with closing(sqlite3.connect(path)) as connection:
        for file in folder.glob("*.csv"):
            frame = pd.read_csv(file, dtype="str")
            frame.to_sql(file.stem, connection, index=False)

    end = small_authority.extract_date.date()

    same_but_provenance(
        read_ssd(f"sqlite:///{path}", extract_date=end), read_ssd(folder, extract_date=end)
    )


def test_row_numbers_count_rows_sorted_by_their_identifiers(database):
    referrals = read_ssd(database)["referrals"].set_index("referral_id")

    assert referrals["source_row"].to_dict() == {"R1": 1, "R2": 2}
    assert set(referrals["source_file"]) == {"ssd_cin_episodes"}


def test_only_needed_columns_are_asked_for(database):
    asked = []

    def note(connection, cursor, statement, *_):
        asked.append(statement)

    sa.event.listen(sa.Engine, "before_cursor_execute", note)
    try:
        read_ssd(database)
    finally:
        sa.event.remove(sa.Engine, "before_cursor_execute", note)

    selects = [text for text in asked if "pers_person_id" in text]
    assert selects
    assert not any("forename" in text or "*" in text for text in selects)
    assert all(text.lstrip().startswith(("SELECT", "PRAGMA")) for text in asked)


def test_nothing_is_written_and_a_missing_file_is_not_made(database, tmp_path):
    path = tmp_path / "extract.db"
    before = path.read_bytes()

    read_ssd(database)

    assert path.read_bytes() == before
    with pytest.raises(ReturnError, match="no such database file"):
        read_ssd(f"sqlite:///{tmp_path / 'nowhere.db'}")
    assert not (tmp_path / "nowhere.db").exists()


def test_writing_through_the_connection_is_refused(database):
    from fs_risk.readers.sql_source import opened

    with (
        pytest.raises(ReturnError, match="did not answer"),
        opened(database) as source,
    ):
        source._connection.execute(sa.text("DELETE FROM ssd_person"))


def test_column_names_with_signs_are_quoted(tmp_path):
    odd = REFERRALS.rename(columns={"cine_referral_nfa": 'cine_"; DROP TABLE ssd_person; --'})
    path = fill(tmp_path / "odd.db", {"ssd_person": PEOPLE, 'a"b; DROP TABLE x': odd})

    assert len(read_ssd(path)["referrals"]) == 2
    assert len(read_ssd(path)["children"]) == 3


def test_a_copy_of_a_table_is_reported_and_not_read(tmp_path):
    copy = REFERRALS.assign(cine_referral_id=["X1", "X2"])
    address = fill(tmp_path / "copies.db", {**EXTRACT, "a_copy_of_episodes": copy})

    records = read_ssd(address)

    assert sorted(records["referrals"]["referral_id"]) == ["R1", "R2"]
    assert "R029" in {found.rule for found in records.findings}


def test_cells_of_any_type_are_read(tmp_path):
    path = tmp_path / "typed.db"
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE ssd_person (pers_person_id, pers_dob, pers_sex)")
        rows = [(7, "2012-05-01 00:00:00.000", "F"), ("C2", None, b"M"), (8.0, "", 1.5)]
        connection.executemany("INSERT INTO ssd_person VALUES (?, ?, ?)", rows)
        connection.execute(
            "CREATE TABLE ssd_cin_episodes (cine_referral_id, cine_person_id, cine_referral_date)"
        )
        connection.execute("INSERT INTO ssd_cin_episodes VALUES (1, 7, '2024-01-01')")
        connection.commit()

    children = read_ssd(f"sqlite:///{path}")["children"]

    assert sorted(children["child_id"]) == ["7", "8", "C2"]
    assert children.set_index("child_id")["sex"].dropna().to_dict() == {"7": "F", "C2": "M"}


def test_tables_of_no_known_kind_are_refused(tmp_path):
    other = pd.DataFrame({"a": [1]})
    with pytest.raises(ReturnError, match="No table of the schema"):
        read_ssd(fill(tmp_path / "other.db", {"other": other}))
    sqlite3.connect(tmp_path / "empty.db").close()
    with pytest.raises(ReturnError, match="holds no table"):
        read_ssd(f"sqlite:///{tmp_path / 'empty.db'}")
    (tmp_path / "text.db").write_text("no database" * 100, encoding="utf-8")
    with pytest.raises(ReturnError, match="did not answer"):
        read_ssd(f"sqlite:///{tmp_path / 'text.db'}")


def test_a_lacking_column_is_named_with_its_table(tmp_path):
    tables = {"ssd_person": PEOPLE, "ssd_cin_episodes": REFERRALS.drop(columns="cine_person_id")}
    with pytest.raises(ReturnError, match="lacks cine_person_id"):
        read_ssd(fill(tmp_path / "lacking.db", tables))


def test_a_schema_for_a_folder_is_refused(tmp_path):
    with pytest.raises(SettingError, match="schema was named"):
        read_ssd(tmp_path, schema="dbo")


ADDRESSES = [
    "postgresql+psycopg://ann:{secret}@127.0.0.1:1/ssd?connect_timeout=2",
    "postgresql+psycopg://127.0.0.1:1/ssd?user=ann&password={secret}",
    "postgresql+psycopg://ann:{secret}@127.0.0.1:1/ssd?no_such_setting=1",
    "mssql+pyodbc://ann:{secret}@127.0.0.1/ssd?driver=ODBC+Driver+18+for+SQL+Server",
    "nosuchkind://ann:{secret}@host/ssd",
    "postgresql+psycopg://ann:{secret}@host:port/ssd",
    "://ann:{secret}@host",
]


@pytest.mark.parametrize("address", ADDRESSES)
@pytest.mark.parametrize("secret", [SECRET, "p%40ss%2Fword!"])
def test_no_error_repeats_a_password(address, secret):
    """Nor do the errors behind it that a traceback shows."""
    with pytest.raises(ReturnError, match=r"database|driver") as caught:
        read_ssd(address.format(secret=secret))

    shown = "".join(traceback.format_exception(caught.value))
    assert secret not in shown
    assert SECRET not in shown


def _binaries():
    found = shutil.which("initdb")
    folders = [Path(found).parent] if found else map(Path, glob("/usr/lib/postgresql/*/bin"))
    return next(iter(sorted(folders, reverse=True)), None)


def _as_whom():
    """Run the server as somebody who is not root, as it demands."""
    if os.getuid() != 0:
        return {}
    try:
        nobody = pwd.getpwnam("nobody")
    except KeyError:
        pytest.skip("there is no user to run PostgreSQL as")
    return {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}


@pytest.fixture(scope="module")
def postgres():
    """A PostgreSQL server of its own on loopback, and its address without a database."""
    binaries = _binaries()
    if binaries is None:
        pytest.skip("PostgreSQL is not installed (Debian package postgresql)")
    pytest.importorskip("psycopg", reason="the driver psycopg is not installed")
    whom = _as_whom()
    folder = Path(tempfile.mkdtemp(prefix="pg"))
    (folder / "password").write_text(SECRET, encoding="utf-8")
    if whom:
        for path in (folder, folder / "password"):
            os.chown(path, whom["user"], whom["group"])
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]

    def run(*command):
        return subprocess.run(
            [str(part) for part in command],
            check=False,
            cwd=folder,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            timeout=60,
            **whom,
        ).returncode

    data = folder / "data"
    options = f"-h 127.0.0.1 -p {port} -c unix_socket_directories='' -c fsync=off"
    try:
        if run(
            binaries / "initdb",
            *("-D", data, "-U", "ssd", "-A", "scram-sha-256", "-E", "UTF8", "--no-sync"),
            f"--pwfile={folder / 'password'}",
        ):
            pytest.skip("PostgreSQL's initdb failed")
        if run(binaries / "pg_ctl", "-D", data, "-w", "-t", "30", "-o", options, "start"):
            pytest.skip("PostgreSQL did not start on loopback")
        yield sa.URL.create(
            "postgresql+psycopg", "ssd", SECRET, "127.0.0.1", port, "postgres"
        ).render_as_string(hide_password=False)
    finally:
        run(binaries / "pg_ctl", "-D", data, "-m", "immediate", "stop")
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="module")
def filled(postgres):
    """The server with the extract in a schema of its own, factors as real JSON."""
    engine = sa.create_engine(postgres, poolclass=sa.NullPool)
    with engine.begin() as connection:
        connection.execute(sa.text('CREATE SCHEMA "Ssd-Development"'))
        for name, frame in EXTRACT.items():
            frame.to_sql(name, connection, schema="Ssd-Development", index=False)
        for change in (
            "ssd_assessment_factors ALTER cinf_assessment_factors_json TYPE json "
            "USING cinf_assessment_factors_json::json",
            "ssd_person ALTER pers_dob TYPE date",
            "ssd_person ADD COLUMN pers_nationality tsvector",
        ):
            connection.execute(sa.text(f'ALTER TABLE "Ssd-Development".{change}'))
    engine.dispose()
    return postgres


def test_postgresql_gives_the_same_records_as_sqlite(filled, database):
    from_postgres = read_ssd(filled, schema="Ssd-Development", extract_date="2024-12-31")

    same_but_provenance(from_postgres, read_ssd(database, extract_date="2024-12-31"))


def test_postgresql_is_read_only(filled):
    from fs_risk.readers.sql_source import opened

    with (
        pytest.raises(ReturnError, match="ReadOnlySqlTransaction"),
        opened(filled, "Ssd-Development") as source,
    ):
        source._connection.execute(sa.text("CREATE TABLE public.mark (a int)"))


def test_postgresql_with_a_wrong_password_or_schema_is_refused(filled):
    wrong = filled.replace("word", "warp")
    with pytest.raises(ReturnError, match="did not answer") as caught:
        read_ssd(wrong)
    assert "warp" not in str(caught.value)
    with pytest.raises(ReturnError, match=r"holds no table|did not answer"):
        read_ssd(filled, schema="nowhere")
