import pytest

import ledgers


@pytest.fixture
def clock():
    return ledgers.Clock()


@pytest.fixture
def ledger(tmp_path, clock):
    """An empty ledger, kept for ten years."""
    begun = ledgers.begin(tmp_path, clock=clock)
    yield begun
    begun.close()


@pytest.fixture(scope="session")
def made(small_authority, small_model):
    """Scores of children of the small authority, and what they were made from."""
    return ledgers.made_scores(small_authority, small_model)


@pytest.fixture(scope="session")
def given(made):
    """Those of them that are scores and not codes."""
    return [one for one in made if one.score.code is None]
