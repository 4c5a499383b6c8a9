"""Bearer tokens: who is let in, and how one token is replaced by another."""

import pytest

from fs_risk.errors import SettingError
from fs_risk.triage import service_tokens
from fs_risk.triage.service_tokens import TOKEN_VARIABLE, Tokens

FIRST, SECOND = "a" * 32, "b" * 40


def bearer(token):
    return f"Bearer {token}".encode()


@pytest.fixture
def file(tmp_path, monkeypatch):
    monkeypatch.setattr(service_tokens, "EVERY_SECONDS", 0)
    return tmp_path / "tokens.txt"


def test_each_token_of_a_file_lets_in_under_its_label(file):
    file.write_text(f"# of the case system\ncase-system:{FIRST}\n\n{SECOND} # spare\n")
    tokens = Tokens(file)

    assert tokens.label_of(bearer(FIRST)) == "case-system"
    assert tokens.label_of(bearer(SECOND)) == "token 2"


def test_environment_holds_several(monkeypatch):
    monkeypatch.setenv(TOKEN_VARIABLE, f"old:{FIRST},new:{SECOND}")
    tokens = Tokens()

    assert [tokens.label_of(bearer(each)) for each in (FIRST, SECOND)] == ["old", "new"]


@pytest.mark.parametrize(
    "header",
    [None, b"", b"Bearer", b"Bearer ", bearer("c" * 32), bearer(FIRST[:-1]), FIRST.encode(),
     b"Basic " + FIRST.encode(), bearer(FIRST) + b"\n", bearer("x" * 10_000), b"Bearer \xff"],
)  # fmt: skip
def test_anything_else_lets_nobody_in(file, header):
    file.write_text(FIRST)

    assert Tokens(file).label_of(header) is None


def test_token_is_replaced_without_a_pause(file):
    file.write_text(f"old:{FIRST}")
    tokens = Tokens(file)
    file.write_text(f"old:{FIRST}\nnew:{SECOND}")
    assert [tokens.label_of(bearer(each)) for each in (FIRST, SECOND)] == ["old", "new"]

    file.write_text(f"new:{SECOND}")
    assert [tokens.label_of(bearer(each)) for each in (FIRST, SECOND)] == [None, "new"]


@pytest.mark.parametrize("spoilt", ["", "short", None])
def test_file_that_is_spoilt_later_lets_nobody_in(file, spoilt):
    """Else a token that was taken out by a slip of the hand would stay valid."""
    file.write_text(FIRST)
    tokens = Tokens(file)
    if spoilt is None:
        file.unlink()
    else:
        file.write_text(spoilt)

    assert tokens.label_of(bearer(FIRST)) is None
    assert not tokens.usable
    assert tokens
    file.write_text(SECOND)
    assert tokens.usable


def test_none_at_all_are_no_tokens(monkeypatch):
    monkeypatch.delenv(TOKEN_VARIABLE, raising=False)

    assert not Tokens()


@pytest.mark.parametrize(
    ("text", "match"),
    [
        ("", "holds no token"),
        ("# only a remark", "holds no token"),
        ("secret", "1 of 1 token cannot be used"),
        (f"{FIRST}\nübertoken{FIRST}", "1 of 2 tokens cannot be used"),
        (f"a label:{FIRST}", "1 of 2 tokens cannot be used"),
    ],
)
def test_unusable_file_is_refused_without_showing_it(file, text, match):
    file.write_text(text, encoding="utf-8")
    with pytest.raises(SettingError, match=match) as caught:
        Tokens(file)

    assert FIRST not in str(caught.value)
    assert "secret" not in caught.value.what


def test_file_that_cannot_be_read_is_refused(tmp_path):
    with pytest.raises(SettingError, match="cannot be read"):
        Tokens(tmp_path / "none.txt")


def test_tokens_are_kept_as_digests_alone(file):
    file.write_text(FIRST)
    tokens = Tokens(file)

    assert FIRST not in repr(tokens) + repr(vars(tokens))
