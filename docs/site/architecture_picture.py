"""Draw the house from its code: `python docs/site/architecture_picture.py`.

Layers come from the import contract in `pyproject.toml`, rooms from the packages and their
docstrings, what they use from the imports in them, public names from `fs_risk` itself. Only the
way of a referral is written here; a test follows a real score and compares.
"""

import ast
import sys
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from html import escape
from itertools import pairwise
from pathlib import Path
from textwrap import wrap

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "src" / "fs_risk"
PICTURE = Path(__file__).parent / "assets" / "architecture.svg"

TITLE = "The rooms of fs_risk, and the way of a referral through them"


@dataclass(frozen=True)
class Step:
    """A stop on the way of a referral, and the function of ours that it is."""

    name: str
    says: str
    module: str
    function: str

    @property
    def room(self) -> str:
        """The package it is in."""
        return self.module.partition(".")[0]


WAY = (
    Step("Referral", "as declared", "triage.referral", "as_referral"),
    Step("History", "as known before", "features.sight", "Sight.__init__"),
    Step("Features", "counts in windows", "features.build", "features_in_sight"),
    Step("Booster", "trees", "model.booster", "Booster.contributions"),
    Step("Calibrator", "a probability", "model.calibration", "LogOddsCalibrator.contributions"),
    Step("Reasons", "by concept", "triage.reasons", "reasons_for"),
    Step("RiskScore", "or a code", "triage.risk_score", "RiskScore"),
    Step("Ledger", "what was shown", "triage.ledger_writing", "LedgerWriting.record_scores"),
)


@dataclass(frozen=True)
class Room:
    """A package, or a module that stands by itself: what the picture says of it."""

    name: str
    about: str
    public: tuple[str, ...]
    uses: tuple[str, ...]


@cache
def layers() -> list[list[str]]:
    """Read the layers of the import contract, the upper first."""
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    contracts = settings["tool"]["importlinter"]["contracts"]
    (held,) = (one["layers"] for one in contracts if one["type"] == "layers")
    named = [[name.strip() for name in layer.split("|")] for layer in held]
    return [layer for layer in named if layer != ["__main__"]]


@cache
def rooms() -> dict[str, Room]:
    """Read every room from its code."""
    import fs_risk

    public: dict[str, list[str]] = {}
    for name in fs_risk.__all__:
        if name != "__version__":
            where = fs_risk._WHERE[name].split(".")[1]
            public.setdefault(where, []).append(name)
    return {
        name: Room(
            name=name,
            about=_about(name),
            public=tuple(sorted(public.get(name, []), key=lambda one: (one.islower(), one))),
            uses=tuple(sorted(_imported(name))),
        )
        for layer in layers()
        for name in layer
    }


def _files(room: str) -> list[Path]:
    package = SOURCE / room
    return sorted(package.rglob("*.py")) if package.is_dir() else [SOURCE / f"{room}.py"]


def _about(room: str) -> str:
    first = (
        ast.get_docstring(ast.parse(_files(room)[0].read_text(encoding="utf-8"))) or ""
    ).strip()
    return " ".join(first.split("\n\n")[0].split())


def _imported(room: str) -> set[str]:
    """Name the other rooms that a room's modules import, not counting what only types need."""
    found = set()
    for file in _files(room):
        for node in _run_imports(ast.parse(file.read_text(encoding="utf-8"))):
            names = [alias.name for alias in node.names]
            asked = (
                names if isinstance(node, ast.Import) else [f"{node.module}.{one}" for one in names]
            )
            found |= {one.split(".")[1] for one in asked if one.startswith("fs_risk.")}
    return found & {name for layer in layers() for name in layer} - {room}


def _run_imports(tree: ast.AST) -> Iterator[ast.Import | ast.ImportFrom]:
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
            continue
        if isinstance(node, ast.Import | ast.ImportFrom):
            yield node
        yield from _run_imports(node)


WIDTH, LEFT, GAP, LINE, PAD = 920, 16, 10, 17, 12
LANE = 272
"""Where the way of a referral goes down on the left and up on the right; other rooms of its
layers stand beside it."""

DOWN, UP = LEFT + 24, LEFT + 142
_STEP, _TALLEST, _LETTER = 46, 12, 6.7

STYLE = """
  text { font: 12.5px system-ui, 'Segoe UI', Roboto, Arial, sans-serif; fill: #1d2430 }
  .name { font-size: 16px; font-weight: 650 }
  .aside { font-size: 11.5px; fill: #56606e }
  .ground { fill: #ffffff } .room { fill: #f3f5f8; stroke: #c3cad4 }
  .on .name { fill: #0b4f8a } .on .room { fill: #e9f1f9; stroke: #6d9bc4 }
  .way { fill: none; stroke: #b0500a; stroke-width: 3; stroke-linejoin: round }
  .stop { fill: #b0500a } .number { fill: #ffffff; font-weight: 650; text-anchor: middle }
  .step { font-weight: 650 }
  @media (prefers-color-scheme: dark) {
    text { fill: #e6e9ee } .aside { fill: #a8b1be }
    .ground { fill: #14181f } .room { fill: #1f252e; stroke: #414b58 }
    .on .name { fill: #9fcbf3 } .on .room { fill: #1b2a3a; stroke: #4f7ca6 }
    .way { stroke: #f0a35e } .stop { fill: #f0a35e } .number { fill: #14181f }
  }
"""


class _Drawing:
    """Shapes, put down from the top."""

    def __init__(self) -> None:
        self.shapes: list[str] = []
        self.y = 54.0
        self.stops: dict[str, tuple[float, float]] = {}

    def text(self, x: float, y: float, words: str, kind: str = "") -> None:
        said = f' class="{kind}"' if kind else ""
        self.shapes.append(f'<text x="{x:g}" y="{y:g}"{said}>{escape(words)}</text>')

    def line_of(self, here: Sequence[Room], left: float) -> None:
        """Draw rooms side by side, each as wide as its public names ask for."""
        wanted = [_width(room) for room in here]
        spare = (WIDTH - LEFT - left - GAP * (len(here) - 1) - sum(wanted)) / len(here)
        height = max(_height(room, _width(room) + spare) for room in here)
        for room, width in zip(here, wanted, strict=True):
            self.room(room, left, width + spare, height)
            left += width + spare + GAP
        self.y += height + GAP

    def room(self, room: Room, left: float, width: float, height: float) -> None:
        self.shapes += [
            f'<g id="{room.name}"' + (' class="on">' if _lane(room) else ">"),
            f'<rect class="room" x="{left:g}" y="{self.y:g}" width="{width:g}" '
            f'height="{height:g}" rx="8"/>',
        ]
        x, y, inner = left + PAD + _lane(room), self.y + 24, width - 2 * PAD - _lane(room)
        self.text(x, y, room.name, "name")
        for line in _lines(room.about, inner):
            y += LINE
            self.text(x, y, line, "aside")
        y, (columns, tall) = y + 22, _laid_out(room, inner)
        for at, name in enumerate(room.public):
            self.text(x + at // tall * inner / columns, y + at % tall * LINE, name)
        y += tall * LINE + (2 if tall else -4)
        for at, line in enumerate(_lines(_uses(room), inner)):
            self.text(x, y + at * LINE, line, "aside")
        self.shapes.append("</g>")
        for place, steps in ((DOWN, _down(room)), (UP, _up(room))):
            for at, step in enumerate(steps):
                self.stops[step.name] = (place, self.y + 28 + at * _STEP)

    def way(self) -> None:
        """Draw the line from stop to stop, then the stops on it."""
        corners = [self.stops[step.name] for step in WAY]
        drawn = " ".join(f"{x:g},{y:g}" for x, y in corners)
        self.shapes.append(f'<g id="way"><polyline class="way" points="{drawn}"/>')
        for (x, y), (x2, y2) in pairwise(corners):
            turn = 90 if y2 > y else 0 if x2 > x else -90
            at = f"translate({(x + x2) / 2:g} {(y + y2) / 2:g}) rotate({turn})"
            self.shapes.append(f'<path class="stop" transform="{at}" d="M-5 -7 L8 0 L-5 7 z"/>')
        for number, step in enumerate(WAY, start=1):
            x, y = self.stops[step.name]
            self.shapes.append(f'<circle class="stop" cx="{x:g}" cy="{y:g}" r="12"/>')
            self.text(x, y + 4.5, str(number), "number")
            # below the line where it turns
            right, down = (-12, 28) if step is WAY[1] else (18, -1)
            self.text(x + right, y + down, step.name, "step")
            self.text(x + right, y + down + 14, step.says, "aside")
        self.shapes.append("</g>")


def _down(room: Room) -> list[Step]:
    """List a room's steps on the way down, to the history."""
    return [step for step in WAY[:2] if step.room == room.name]


def _up(room: Room) -> list[Step]:
    """List a room's steps on the way up again, from the top."""
    return [step for step in reversed(WAY[2:]) if step.room == room.name]


def _lane(room: Room) -> int:
    return LANE if _down(room) or _up(room) else 0


def _column(room: Room) -> float:
    return max(map(len, ["a name of some length", *room.public])) * _LETTER + 12


def _width(room: Room) -> float:
    """Say how wide a room must be that holds its public names."""
    columns = max(1, -(-len(room.public) // _TALLEST))
    return _lane(room) + 2 * PAD + columns * _column(room)


def _laid_out(room: Room, inner: float) -> tuple[int, int]:
    """Say in how many columns the public names stand, and in how many lines."""
    columns = int((inner + 1) // _column(room))
    tall = -(-len(room.public) // columns)
    return (-(-len(room.public) // tall) if tall else 1), tall


def _height(room: Room, width: float) -> float:
    inner = width - 2 * PAD - _lane(room)
    lines = (
        len(_lines(room.about, inner)) + len(_lines(_uses(room), inner)) + _laid_out(room, inner)[1]
    )
    steps = max(len(_down(room)), len(_up(room)))
    return max(34 + lines * LINE + (12 if room.public else 0), steps * _STEP + 8)


def _uses(room: Room) -> str:
    order = [name for layer in layers() for name in layer if name != "errors"]
    used = [name for name in order if name in room.uses]
    return f"uses {' · '.join(used)}" if used else ""


def _lines(words: str, width: float) -> list[str]:
    return wrap(words, int(width / 6.2))


def lines_of(layer: Sequence[Room], left: float) -> list[list[Room]]:
    """Share the rooms of a layer out over as many lines as they need."""
    shared: list[list[Room]] = [[]]
    for room in layer:
        taken = sum(_width(one) + GAP for one in shared[-1])
        if shared[-1] and left + taken + _width(room) > WIDTH - LEFT:
            shared.append([])
        shared[-1].append(room)
    return shared


def picture() -> str:
    """Draw the house."""
    held, drawing = rooms(), _Drawing()
    stacked = [[held[name] for name in layer] for layer in layers()]
    passed = [at for at, layer in enumerate(stacked) if any(_lane(room) for room in layer)]
    for at, layer in enumerate(stacked):
        beside = passed[0] <= at <= passed[-1]
        left = LEFT + LANE + GAP if beside and not _lane(layer[0]) else LEFT
        for here in lines_of(layer, left):
            drawing.line_of(here, left)
    drawing.way()
    height = drawing.y + 6
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height:g}" '
            'role="img" aria-labelledby="title desc">',
            f'<title id="title">{TITLE}</title>',
            f'<desc id="desc">{escape(description(held))}</desc>',
            f"<style>{STYLE}</style>",
            f'<rect class="ground" width="{WIDTH}" height="{height:g}"/>',
            f'<text x="{LEFT}" y="26" class="name">Imports point downwards</text>',
            f'<text x="{LEFT}" y="43" class="aside">Rooms of one layer do not know each other. '
            "Every room raises the errors at the bottom. Under each room: its public names.</text>",
            *drawing.shapes,
            "</svg>\n",
        ]
    )


def description(held: dict[str, Room]) -> str:
    """Say in words what the picture shows."""
    stacked = "; ".join(" and ".join(layer) for layer in layers())
    used = "; ".join(f"{room.name} {_uses(room)}" for room in held.values() if _uses(room))
    way = ", ".join(f"{at} {step.name} in {step.room}" for at, step in enumerate(WAY, start=1))
    return (
        f"Layers from the top: {stacked}. Imports point downwards: {used}. "
        f"The way of a referral: {way}."
    )


def main(arguments: Sequence[str]) -> int:
    """Write the picture, or with --check only say whether it is as the code is."""
    drawn = picture()
    if "--check" in arguments:
        return 0 if PICTURE.read_text(encoding="utf-8") == drawn else 1
    PICTURE.write_text(drawn, encoding="utf-8", newline="\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
