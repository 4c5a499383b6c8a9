"""The page on how sure a score is says what the code does."""

import ast
import inspect
import re
from pathlib import Path

import fs_risk as fs
from fs_risk.model.similarity import QUESTIONS
from fs_risk.model.support import FEWEST_SIMILAR, MOST_UNLIKE
from fs_risk.model.vignettes import read_vignettes

PAGE = (Path(__file__).parents[2] / "docs" / "how_sure_is_a_score.md").read_text(encoding="utf-8")
BLOCK = re.compile(r"```python\n(.*?)```", re.S)


MADE = {"records": fs.make_authority, "model": fs.train_step_up}


def without_making(code):
    """The code, but for what makes the authority and fits the model, whose calls are checked."""
    tree, kept = ast.parse(code), []
    for statement in tree.body:
        maker = MADE.get(ast.unparse(statement).partition(" = ")[0])
        if maker is None:
            kept.append(statement)
            continue
        call = statement.value
        assert ast.unparse(call.func) == f"fs.{maker.__name__}"
        inspect.signature(maker).bind(*call.args, **{each.arg: each for each in call.keywords})
    tree.body = kept
    return tree


def test_code_runs_from_top_to_bottom(capsys, small_authority, small_model):
    """On an authority and a model that other tests look at too, but for its plan's seed."""
    names = {"records": small_authority, "model": small_model}
    for code in BLOCK.findall(PAGE):
        exec(compile(without_making(code), "how_sure_is_a_score.md", "exec"), names)

    shown = capsys.readouterr().out
    assert all(f"\n{name} = fs.{maker.__name__}(" in PAGE for name, maker in MADE.items())
    assert names["plan"].model_copy(update={"seed": small_model.plan.seed}) == small_model.plan
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
