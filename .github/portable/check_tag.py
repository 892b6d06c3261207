"""Refuses a release tag (标签) that differs from the version: ``python .github/portable/check_tag.py v0.2.0``."""

from __future__ import annotations

import re
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def differences(tag: str, root: Path = ROOT) -> list[str]:
    """Where the project at ``root`` says another version than ``tag``; nothing if all agree."""
    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    module = re.search(r'^__version__ = "(.*)"$', (root / "xl_jifen" / "__init__.py").read_text("utf-8"), re.MULTILINE)
    said = {"pyproject.toml": project["version"], "xl_jifen/__init__.py": module[1] if module else "nothing"}
    return [f"{place} says {version}, the tag {tag}" for place, version in said.items() if tag != f"v{version}"]


if __name__ == "__main__":
    sys.exit("\n".join(differences(sys.argv[1])) or 0)
