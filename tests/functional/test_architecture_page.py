"""The picture of the house is as the code is, and the way drawn is the way that a score goes."""

import importlib.util
import re
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest

import fs_risk as fs
import ledgers

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "architecture.md"
SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture(scope="module")
def drawer():
    path = ROOT / "docs" / "site" / "architecture_picture.py"
    spec = importlib.util.spec_from_file_location("architecture_picture", path)
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # dataclasses look their module up
    spec.loader.exec_module(module)
    yield module
    del sys.modules[spec.name]


@pytest.fixture(scope="module")
def picture(drawer):
    return ElementTree.fromstring(drawer.PICTURE.read_text(encoding="utf-8"))


def test_the_committed_picture_is_current(drawer):
    assert drawer.main(["--check"]) == 0, "run: python docs/site/architecture_picture.py"


def test_every_package_and_public_name_is_in_the_picture(picture):
    source = ROOT / "src" / "fs_risk"
    packages = {path.parent.name for path in source.glob("*/__init__.py")}
    drawn = {group.get("id") for group in picture.iter(f"{SVG}g")}
    written = {text.text for text in picture.iter(f"{SVG}text")}

    assert packages | {"api", "errors"} <= drawn
    assert set(fs.__all__) - {"__version__"} <= written


def test_whoever_cannot_see_the_picture_is_told_what_it_shows(picture, drawer):
    names = picture.get("aria-labelledby").split()
    told = {each.get("id"): each.text for each in picture if each.get("id") in names}

    assert list(told) == names == ["title", "desc"]
    assert all(step.name in told["desc"] for step in drawer.WAY)
    assert re.search(r"!\[[^\]]{40,}\]\(site/assets/architecture\.svg\)", PAGE.read_text("utf-8"))


def test_the_page_names_every_room_and_every_stop(drawer):
    page = PAGE.read_text(encoding="utf-8")

    assert [name for name in drawer.rooms() if f"| `{name}` |" not in page] == []
    for number, step in enumerate(drawer.WAY, start=1):
        assert re.search(rf"\| {number} {step.name} \|.*\| `{re.escape(step.module)}` \|", page)
    for named in re.findall(r"`(\w+/\w+\.py|\w+\.py)`", page):
        assert (ROOT / "src" / "fs_risk" / named).exists(), named


def test_what_a_room_is_said_to_use_is_below_it(drawer):
    layers = drawer.layers()
    depth = {name: at for at, layer in enumerate(layers) for name in layer}

    for room in drawer.rooms().values():
        assert all(depth[used] > depth[room.name] for used in room.uses), room.name


def test_a_score_passes_the_stops_in_the_order_drawn(
    drawer, small_authority, small_model, tmp_path
):
    ledger = ledgers.begin(tmp_path)
    passed = []

    def followed(frame, event, _):
        module = frame.f_globals.get("__name__", "")
        if event == "call" and module.startswith("fs_risk."):
            passed.append((module.removeprefix("fs_risk."), frame.f_code.co_qualname))

    score = None
    for row in small_authority["referrals"].tail(40).itertuples():
        asked = {
            "referral_id": "R1",
            "child_id": row.child_id,
            "referral_date": small_authority.extract_date.date(),
            "source": "1A",
        }
        passed.clear()
        sys.setprofile(followed)
        score = fs.score_referral(asked, records=small_authority, model=small_model, ledger=ledger)
        sys.setprofile(None)
        if score.code is None:
            break
    ledger.close()
    stops = [(step.module, step.function) for step in drawer.WAY]
    made = stops.pop(6)  # the score itself is made by pydantic, out of sight
    first = [passed.index(stop) for stop in stops]

    assert first == sorted(first)
    assert type(score).__qualname__ == made[1]
    assert type(score).__module__ == f"fs_risk.{made[0]}"
