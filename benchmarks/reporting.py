"""What all reports do: from <name>.json (figures) and <name>.in.md (words) come <name>.md and <name>.png."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent


def load(name: str) -> Any:
    """The figures of the last run."""
    return json.loads((HERE / f"{name}.json").read_text(encoding="utf-8"))


def keep(name: str, figures: Any) -> None:
    """Keep the figures of a run."""
    (HERE / f"{name}.json").write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")


def fill(name: str, marks: Mapping[str, object]) -> None:
    """Write the report: each `<!-- mark -->` of the words becomes its text."""
    text = (HERE / f"{name}.in.md").read_text(encoding="utf-8")
    for mark, value in marks.items():
        assert f"<!-- {mark} -->" in text, f"{name}.in.md has no <!-- {mark} -->"
        text = text.replace(f"<!-- {mark} -->", str(value))
    (HERE / f"{name}.md").write_text(text, encoding="utf-8")


def table(header: Iterable[str], rows: Iterable[Iterable[object]]) -> str:
    """A table in Markdown."""
    names = list(header)
    lines = ["| " + " | ".join(map(str, line)) + " |" for line in (names, *rows)]
    return "\n".join([lines[0], "|---" * len(names) + "|", *lines[1:]])


def plots(rows: int = 1, columns: int = 1, **options: Any) -> tuple[Any, Any]:
    """Matplotlib's figure and axes, without a screen."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    return pyplot.subplots(rows, columns, **options)


def save(name: str, figure: Any) -> None:
    """Write the plot."""
    figure.tight_layout()
    figure.savefig(HERE / f"{name}.png", dpi=110)
