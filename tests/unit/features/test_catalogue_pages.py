from pathlib import Path

import pytest

from fs_risk.features.catalogue_pages import catalogue_pages

DESK = Path(__file__).parents[3] / "features"


@pytest.mark.parametrize("name", ["catalogue.md", "catalogue.csv"])
def test_page_on_the_desk_is_up_to_date(name):
    """Cured by: fs-risk features --out features/"""
    assert (DESK / name).read_text(encoding="utf-8") == catalogue_pages()[name]
