"""The page on how sure a score is says what the code does."""

import re
from pathlib import Path

from fs_risk.model.similarity import QUESTIONS
from fs_risk.model.support import FEWEST_SIMILAR, MOST_UNLIKE
from fs_risk.model.vignettes import read_vignettes

PAGE = (Path(__file__).parents[3] / "docs" / "how_sure_is_a_score.md").read_text(encoding="utf-8")
BLOCK = re.compile(r"```python\n(.*?)```", re.S)


def test_code_runs_from_top_to_bottom(capsys):
    names = {}
    for code in BLOCK.findall(PAGE):
        exec(compile(code, "how_sure_is_a_score.md", "exec"), names)

    shown = capsys.readouterr().out
    assert "n_similar" in shown
    assert "others_inside" in shown


def test_page_states_questions_levels_and_numbers_as_they_are():
    book = read_vignettes()

    assert f"{len(book.vignettes)} invented cases" in PAGE
    assert f"{len(book.orders)} orders" in PAGE
    assert (FEWEST_SIMILAR, MOST_UNLIKE) == (20, 0.25)
    assert "fewer than 20 past cases" in PAGE.lower()
    assert "more than a quarter" in PAGE.lower()
    words = ("age", "earlier referrals", "trio", "enquiries, plans and care")
    assert all(word in question.says for word, question in zip(words, QUESTIONS, strict=True))
