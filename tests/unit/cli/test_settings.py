"""The settings file: found, read, overridden, refused with the line, shown without secrets."""

import json
import os

import pytest
from typer.testing import CliRunner

from fs_risk.cli import app
from fs_risk.cli.settings import Settings, read_settings, without_secrets
from fs_risk.cli.settings_file import SECRETS, settings_variables
from fs_risk.errors import SettingError

HIDDEN = "hunter2"


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    """A folder of its own, and no variable of the machine's."""
    for name in [name for name in os.environ if name.startswith("FS_RISK_")]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(*words):
    return CliRunner().invoke(app, [str(word) for word in words])


def written(folder, text, name="fs-risk.toml"):
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def test_without_a_file_and_variables_everything_is_as_it_comes():
    standing = read_settings()

    assert standing.file is None
    assert set(standing.origins.values()) == {"default"}


def test_file_is_found_in_the_folder_or_the_nearest_above(here, monkeypatch):
    written(here, "capacity = 9\n")
    inner = here / "a" / "b"
    inner.mkdir(parents=True)
    monkeypatch.chdir(inner)
    assert read_settings().values.capacity == 9

    nearer = written(here / "a", "capacity = 0.2\n")
    assert read_settings().file == nearer
    assert read_settings().values.capacity == 0.2


def test_named_file_goes_before_the_found_one_and_the_option_before_the_variable(here, monkeypatch):
    written(here, "capacity = 1\n")
    one = written(here, "capacity = 2\n", "one.toml")
    two = written(here, "capacity = 3\n", "two.toml")
    monkeypatch.setenv("FS_RISK_SETTINGS", str(one))

    assert read_settings().values.capacity == 2
    assert read_settings(two).values.capacity == 3


def test_variables_go_before_the_file_and_options_before_both(here, monkeypatch):
    written(here, 'extract = "from_file"\n')
    assert "from_file" in run("check").stderr
    monkeypatch.setenv("FS_RISK_EXTRACT", "from_variable")
    assert "from_variable" in run("check").stderr
    told = run("check", "from_option").stderr
    assert "from_option" in told
    assert "from_variable" not in told


def test_settings_command_says_each_value_and_its_origin(here, monkeypatch):
    file = written(here, '# ours\ncapacity = 9\nmodel = "m"\n')
    monkeypatch.setenv("FS_RISK_MODEL", "elsewhere")
    found = json.loads(run("settings", "--json").stdout)

    assert found["file"] == str(file)
    assert set(found["settings"]) == set(Settings.model_fields)
    assert found["settings"]["capacity"]["value"] == 9
    assert found["settings"]["capacity"]["origin"] == f"{file}, line 2"
    assert found["settings"]["model"]["value"] == "elsewhere"
    assert found["settings"]["model"]["origin"] == "environment, FS_RISK_MODEL"
    assert found["settings"]["ledger"]["origin"] == "default"
    text = run("settings").stdout
    assert f"capacity         9   ({file}, line 2)" in text


def test_paths_of_a_file_are_read_from_its_own_folder(here, monkeypatch):
    written(
        here,
        'extract = ["a.xml", "postgresql://server/ssd"]\nmodel = "model"\n'
        'ledger = "sqlite:///ledger.db"\ntracking_uri = "http://server:5000"\n',
    )
    inner = here / "inner"
    inner.mkdir()
    monkeypatch.chdir(inner)
    values = read_settings().values

    assert values.extract == (str(here / "a.xml"), "postgresql://server/ssd")
    assert values.model == here / "model"
    assert values.ledger == f"sqlite:///{(here / 'ledger.db').as_posix()}"
    assert values.tracking_uri == "http://server:5000"


@pytest.mark.parametrize("url", ["sqlite://", "sqlite:////var/l.db", "sqlite:///C:/l.db"])
def test_address_that_is_whole_is_left_as_it_is(here, url):
    written(here, f'ledger = "{url}"\n')
    assert read_settings().values.ledger == url


@pytest.mark.parametrize(
    ("text", "what", "line"),
    [
        ("\nmodle = 'm'\n", "Did you mean 'model'", 2),
        ("capacity = 1\n[serve]\nhost = 'x'\n", "no setting 'serve'", 2),
        ("capacity = 'many'\n", "number of children", 1),
        ("capacity = 1.5\n", "share between 0 and 1", 1),
        ("capacity = true\n", "number of children", 1),
        ("\n\nretain_days = 'x'\n", "'retain_days' cannot be used", 3),
        ("model = 3\n", "'model' cannot be used", 1),
        ("pseudonymise = 'perhaps'\n", "'pseudonymise' cannot be used", 1),
        ("model = 'm'\ncapacity = = 3\n", "not TOML", 2),
        ("model = 'm'\nmodel = 'n'\n", "not TOML", 2),
    ],
)
def test_fault_is_named_with_file_line_and_cure(here, text, what, line):
    file = written(here, text)
    asked = run("settings")

    assert asked.exit_code == 18
    assert what in asked.stderr
    assert f"Where: {file}, line {line}" in asked.stderr
    assert "Fix:" in asked.stderr


def test_wrong_variable_is_named_and_its_value_is_not_shown(monkeypatch):
    monkeypatch.setenv("FS_RISK_RETAIN_DAYS", HIDDEN)
    asked = run("settings")

    assert asked.exit_code == 18
    assert "environment, FS_RISK_RETAIN_DAYS" in asked.stderr
    assert HIDDEN not in asked.output


@pytest.mark.parametrize("variable", sorted(SECRETS))
def test_secret_in_the_file_is_refused_and_not_shown(here, variable):
    key = variable.removeprefix("FS_RISK_").lower()
    written(here, f'{key} = "{HIDDEN}"\n')
    asked = run("settings")

    assert asked.exit_code == 18
    assert variable in asked.stderr
    assert HIDDEN not in asked.output


def test_file_that_is_named_and_not_there_is_said(monkeypatch):
    assert run("settings", "--settings", "no.toml").exit_code == 18
    monkeypatch.setenv("FS_RISK_SETTINGS", "no.toml")
    with pytest.raises(SettingError, match="does not exist"):
        read_settings()


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        (f"postgresql://clerk:{HIDDEN}@server/l", "postgresql://clerk:***@server/l"),
        (f"postgresql://clerk:{HIDDEN}/x@y@server/l", "postgresql://clerk:***@server/l"),
        (f"mssql+pyodbc://clerk:{HIDDEN}@h/db?driver=D", "mssql+pyodbc://clerk:***@h/db?driver=D"),
        (f"http://host/?Token={HIDDEN}&a=1", "http://host/?Token=***&a=1"),
        ("sqlite:///ledger.db", "sqlite:///ledger.db"),
        ("postgresql://server:5432/l", "postgresql://server:5432/l"),
    ],
)
def test_password_of_an_address_is_never_printed(here, url, shown):
    assert without_secrets(url) == shown
    written(here, f'ledger = "{url}"\nextract = "{url}"\n')
    for asked in (run("settings"), run("settings", "--json")):
        assert shown in asked.stdout
        assert HIDDEN not in asked.output


def test_secret_variables_are_shown_as_set_only(monkeypatch):
    monkeypatch.setenv("FS_RISK_LEDGER_KEY", HIDDEN)
    asked = run("settings", "--json")

    assert json.loads(asked.stdout)["secrets"]["FS_RISK_LEDGER_KEY"] == "set"
    assert HIDDEN not in asked.output


def test_variable_that_is_no_setting_is_named_with_the_nearest(monkeypatch):
    monkeypatch.setenv("FS_RISK_MODLE", "m")
    monkeypatch.setenv("FS_RISK_SAMPLES", "s")

    assert settings_variables() == ["FS_RISK_MODLE"]
    assert "FS_RISK_MODLE is no setting. Did you mean 'FS_RISK_MODEL'" in run("settings").stdout


def test_small_letters_of_a_variable_are_heeded_alike(monkeypatch):
    monkeypatch.setenv("fs_risk_capacity", "7")

    assert json.loads(run("settings", "--json").stdout)["settings"]["capacity"] == {
        "value": 7,
        "origin": "environment, FS_RISK_CAPACITY",
        "meaning": Settings.model_fields["capacity"].description,
    }


def test_empty_variable_counts_as_none(here, monkeypatch):
    written(here, "capacity = 9\n")
    monkeypatch.setenv("FS_RISK_CAPACITY", "")

    assert read_settings().values.capacity == 9
    assert read_settings().origins["capacity"].endswith("line 1")


def test_what_is_needed_and_not_given_is_said_with_both_ways_to_give_it():
    asked = run("evaluate", "extract")

    assert asked.exit_code == 2
    assert "--model is not given" in asked.stderr
    assert "model = … in fs-risk.toml" in asked.stderr


def test_folder_for_what_is_written_comes_from_the_settings_unless_it_is_given(here):
    written(here, 'out = "results"\n')
    assert run("templates").exit_code == 0
    assert run("templates", "--out", "mine").exit_code == 0

    assert (here / "results" / "family-safeguarding" / "adults.csv").is_file()
    assert (here / "mine" / "adults.csv").is_file()
