"""Build the documentation site, strictly and without a network: `python docs/site/build.py`.

The pages of the site stand where people work: in `docs/`, on the four desks, at the top. They are
gathered in `build/pages` with their links kept whole, and built into `build/site`, which needs no
server: open `build/site/index.html`.
"""

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path, PurePosixPath
from typing import Any

from notebook_pages import as_page

ROOT = Path(__file__).parents[2]
HERE = Path(__file__).parent
DESKS = ("features", "training", "evaluation", "model_cards")
LINK = re.compile(r"(\]\()([^)\s:#]+)(#[^)\s]*)?(\))")
FENCE = re.compile(r"^( *)(```|~~~)")
ELSEWHERE = re.compile(r"^.*<!-- left out of the site -->\n\n?", re.M)
"""Lines for those who read a page where it stands, and not on the site."""


class BrokenLinkError(Exception):
    """A page links to a file that is not there."""


def sources() -> dict[str, str]:
    """Tell which file of the tree becomes which page or file of the site."""
    found = {}
    for file in sorted((ROOT / "docs").rglob("*.md")):
        inside = file.relative_to(ROOT / "docs").as_posix()
        found[f"docs/{inside}"] = inside.replace("README.md", "index.md")
    for file in sorted((HERE / "assets").iterdir()):
        found[f"docs/site/assets/{file.name}"] = f"assets/{file.name}"
    found |= {"CHANGELOG.md": "changelog.md", "CONTRIBUTING.md": "contributing.md"}
    for desk in DESKS:
        for file in sorted((ROOT / desk).rglob("*")):
            name = file.relative_to(ROOT).as_posix()
            if file.suffix in {".md", ".html", ".json", ".csv"} and "/results/" not in name:
                found[name] = name.replace("README.md", "index.md")
            elif file.suffix == ".ipynb" and ".ipynb_checkpoints" not in name:
                found[name] = name.removesuffix(".ipynb") + ".md"
    return found


def relinked(text: str, name: str, pages: dict[str, str]) -> str:
    """Point every link of a page at where its target stands in the site."""

    def turned(link: re.Match[str]) -> str:
        target = os.path.normpath(PurePosixPath(name).parent / link[2]).replace(os.sep, "/")
        if (ROOT / target).is_dir():
            target += "/README.md"
        if target not in pages:
            raise BrokenLinkError(f"{name}: {link[2]} is no page of the site")
        there = os.path.relpath(pages[target], PurePosixPath(pages[name]).parent)
        return f"{link[1]}{there.replace(os.sep, '/')}{link[3] or ''}{link[4]}"

    lines, fenced = [], False
    for line in text.splitlines(keepends=True):
        fenced ^= bool(FENCE.match(line))
        lines.append(line if fenced else LINK.sub(turned, line))
    return "".join(lines)


def gather(folder: Path) -> set[str]:
    """Put every page of the site into one folder, and tell their names."""
    shutil.rmtree(folder, ignore_errors=True)
    pages = sources()
    for name, page in pages.items():
        to = folder / page
        to.parent.mkdir(parents=True, exist_ok=True)
        if not page.endswith(".md"):
            shutil.copyfile(ROOT / name, to)
            continue
        text = (ROOT / name).read_text(encoding="utf-8")
        text = as_page(json.loads(text)) if name.endswith(".ipynb") else text
        to.write_text(relinked(ELSEWHERE.sub("", text), name, pages), encoding="utf-8")
    return set(pages.values())


def title_of(page: Path) -> str:
    """Read a page's title, as its first heading says it."""
    return re.search(r"^# (.+)$", page.read_text(encoding="utf-8"), re.M)[1].replace("`", "")


def navigation(entries: list[Any], folder: Path, pages: set[str]) -> list[Any]:
    """Open patterns such as `decisions/*`, and leave out pages that nobody has written yet."""
    made: list[Any] = []
    for entry in entries:
        if isinstance(entry, dict):
            ((title, below),) = entry.items()
            below = navigation([below] if isinstance(below, str) else below, folder, pages)
            one = below[0] if len(below) == 1 and isinstance(entry[title], str) else below
            made += [{title: one}] if below else []
        elif "*" in entry:
            matching = sorted(page for page in pages if PurePosixPath(page).match(entry))
            made += [{title_of(folder / page): page} for page in matching]
        elif entry in pages:
            made.append(entry)
    return made


def build(into: Path, *, builder: str = "zensical") -> int:
    """Gather the pages and build the site; 0 when nothing was to complain about."""
    settings = tomllib.loads((HERE / "site.toml").read_text(encoding="utf-8"))
    pages = gather(into / "pages")
    settings["nav"] = navigation(settings["nav"], into / "pages", pages)
    settings |= {"docs_dir": "pages", "site_dir": "site"}
    handler = settings["plugins"][-1]["mkdocstrings"]["handlers"]["python"]
    handler["paths"] = [(ROOT / "src").as_posix()]
    # JSON is YAML; both builders read it
    (into / "mkdocs.yml").write_text(json.dumps(settings, indent=1), encoding="utf-8")
    shutil.rmtree(into / "site", ignore_errors=True)
    asked = [sys.executable, "-m", builder, "build", "--strict", "--clean"]
    return subprocess.run([*asked, "-f", "mkdocs.yml"], cwd=into, check=False).returncode


def main() -> int:
    """Build what the command line asks for."""
    asked = argparse.ArgumentParser(description="Build the documentation site.")
    asked.add_argument("--into", type=Path, default=ROOT / "build", help="folder (build)")
    asked.add_argument("--builder", choices=["zensical", "mkdocs"], default="zensical")
    given = asked.parse_args()
    try:
        ended = build(given.into.resolve(), builder=given.builder)
    except BrokenLinkError as broken:
        print(broken, file=sys.stderr)
        return 1
    if ended == 0:
        print(f"open {given.into / 'site' / 'index.html'}")
    return ended


if __name__ == "__main__":
    sys.exit(main())
