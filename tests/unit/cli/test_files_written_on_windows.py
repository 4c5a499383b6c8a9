"""Files that people write by hand are read as Notepad and both PowerShells save them."""

from importlib.resources import files

import pytest

from fs_risk.cli.approvals import _read_answers
from fs_risk.cli.risk import read_plan
from fs_risk.cli.settings import read_settings
from fs_risk.cli.triage import _rules
from fs_risk.errors import LedgerError
from fs_risk.model.vignettes import read_vignettes
from fs_risk.model_cards.answers import read_answers
from fs_risk.triage.ledger_keys import read_master
from fs_risk.triage.service_tokens import read_tokens

VIGNETTES = files("fs_risk.model").joinpath("vignettes.toml").read_text(encoding="utf-8")
QUESTION = '[[answer]]\nquestion = "Who – and when?"\nanswer = "Zoë"\nreview_by = 2027-01-31\n'

READ = {
    "a plan": (
        'outcome = "cp_plan"\nwithin_days = 365\ncapacity = 20\npurpose = "Zoë’s"\n',
        lambda path: read_plan(path).purpose == "Zoë’s",
    ),
    "settings": (
        'model = "Łódź"\n',
        lambda path: read_settings(path).values.model.name == "Łódź",
    ),
    "vignettes": (VIGNETTES, lambda path: read_vignettes(path) == read_vignettes()),
    "rules of supervision": ("least_areas = 3\n", lambda path: _rules(path).least_areas == 3),
    "answers of the owner": (
        QUESTION,
        lambda path: list(_read_answers(path)) == ["Who – and when?"],
    ),
    "answers of a card": (
        'training = "Zoë’s"\n',
        lambda path: read_answers(path).training == "Zoë’s",
    ),
    "a ledger's key": ("ab" * 32 + "\n", lambda path: read_master(path) == b"\xab" * 32),
    "tokens": ("# one\ncase-system:" + "a" * 32 + "\n", lambda path: len(read_tokens(path)) == 1),
}


@pytest.mark.parametrize("ends", ["\n", "\r\n"], ids=["unix", "windows"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("what", READ)
def test_a_file_is_read_as_windows_saves_it(tmp_path, what, encoding, ends):
    written, is_read = READ[what]
    path = tmp_path / "fs-risk.toml"
    path.write_bytes(written.replace("\n", ends).encode(encoding))

    assert is_read(path)


def test_a_key_that_is_no_text_is_no_key(tmp_path):
    path = tmp_path / "ledger.key"
    path.write_bytes(b"\xff\xfe\x81")

    with pytest.raises(LedgerError, match="no master key"):
        read_master(path)
