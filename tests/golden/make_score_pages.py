"""Writes the pages of a fixed score anew: `python tests/golden/make_score_pages.py`, then look."""

import sys
from pathlib import Path

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent))

from fixed_scores import PAGES  # noqa: E402

for name, page in PAGES.items():
    (HERE / name).write_bytes(page().encode())
