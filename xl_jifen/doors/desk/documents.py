"""The pages of xl_jifen/docs, readable offline (文档): Markdown of ours as HTML, nothing in it taken as markup."""

from __future__ import annotations

from pathlib import Path

DOCS = Path(__file__).resolve().parents[2] / "docs"


def titles() -> list[tuple[str, str]]:
    """The pages by file name without suffix, each with its heading; those in Chinese first."""
    found = [(path.stem, _title(path)) for path in DOCS.glob("*.md")]
    return sorted(found, key=lambda page: (page[0].isascii(), page[0]))


def _title(path: Path) -> str:
    with path.open(encoding="utf-8") as lines:
        return next(lines, "").lstrip("# ").strip()


def as_html(name: str) -> str:
    """One of the pages. Pictures stay out: they lie in the project, not in the program."""
    from markdown_it import MarkdownIt

    text = (DOCS / f"{name}.md").read_text("utf-8")
    lines = [line for line in text.splitlines() if not line.lstrip().startswith(("![", "<!--", "<img"))]
    return str(MarkdownIt("commonmark", {"html": False}).enable("table").disable("image").render("\n".join(lines)))
