"""A notebook as a page of the site: its text, code and kept outputs, without running it."""

import html
import re
from typing import Any


def joined(text: str | list[str]) -> str:
    """Give one text; notebooks keep texts as lists of lines."""
    return text if isinstance(text, str) else "".join(text)


def fenced(text: str, language: str) -> str:
    """Fence a text, with more backticks than it holds itself."""
    longest = max((len(run) for run in re.findall(r"`+", text)), default=0)
    marks = "`" * max(3, longest + 1)
    return f"{marks}{language}\n{text.rstrip()}\n{marks}"


def framed(page: str) -> str:
    """Set a piece of HTML into a page on its own, so that neither's styles change the other."""
    return f'<div class="notebook-output">\n{page}\n</div>'


def shown(output: dict[str, Any]) -> str:
    """Give one output in the richest form that it was kept in."""
    if output["output_type"] == "stream":
        return fenced(joined(output["text"]), "text")
    data = output.get("data", {})
    for kind in ("image/png", "image/jpeg"):
        if kind in data:
            picture = "".join(joined(data[kind]).split())
            said = html.escape(joined(data.get("text/plain", "a drawing")).strip("<>"))
            return f'<img class="notebook-output" alt="{said}" src="data:{kind};base64,{picture}">'
    if "image/svg+xml" in data:
        return framed(joined(data["image/svg+xml"]))
    if "text/html" in data:
        # a blank line would end the block of HTML
        return framed(re.sub(r"\n\s*\n", "\n", joined(data["text/html"])))
    if "text/plain" in data:
        return fenced(joined(data["text/plain"]), "text")
    return ""


def as_page(notebook: dict[str, Any]) -> str:
    """Write a notebook as Markdown."""
    parts = []
    for cell in notebook["cells"]:
        source = joined(cell["source"])
        if cell["cell_type"] == "markdown":
            parts.append(source)
        elif cell["cell_type"] == "code" and source.strip():
            parts.append(fenced(source, "python"))
            parts += [shown(output) for output in cell.get("outputs", [])]
    return "\n\n".join(part for part in parts if part) + "\n"
