"""What travels with the program (随附文件): the master workbook, the example branch, the templates.

In an installed package they lie inside it; in a clone and an editable install in the folders ``workbook`` and
``templates`` of the project. Only reads.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from xl_jifen.disk import links
from xl_jifen.disk.folders import OWN_TEMPLATES
from xl_jifen.finding import CannotRead

_HERE = Path(__file__).resolve().parents[1]
_HOMES = (_HERE / "_assets", _HERE.parent)


def folder(name: str) -> Path:
    """The folder ``workbook`` or ``templates``. Raises CannotRead if the installation is incomplete."""
    for home in _HOMES:
        if (home / name).is_dir():
            return home / name
    raise CannotRead(f"安装不完整：找不到随附的文件夹“{name}”；请重新安装本工具。")


def asset(name: str) -> bytes:
    """One file, such as ``workbook/党员积分.xlsx``. Raises CannotRead if the installation is incomplete."""
    top, _, rest = name.partition("/")
    path = folder(top) / rest
    try:
        return path.read_bytes()
    except OSError as error:
        raise CannotRead(f"安装不完整：读不到随附的文件“{name}”；请重新安装本工具。") from error


def template(name: str, workbook: Path) -> bytes:
    """A template: the branch's own from ``模板/`` beside its workbook if it has one, else ours."""
    own = workbook.parent / OWN_TEMPLATES / name
    links.ensure_readable(own)
    try:
        return own.read_bytes() if own.is_file() else asset(f"templates/{name}")
    except OSError as error:
        raise CannotRead(f"读不到模板“{own}”；请关闭正在使用它的程序后再试。") from error


def own_templates(names: Iterable[str], workbook: Path) -> list[str]:
    """A sentence naming the branch's own templates that take the place of ours; none where it has none of these."""
    own = [f"{OWN_TEMPLATES}/{name}" for name in names if (workbook.parent / OWN_TEMPLATES / name).is_file()]
    return [f"用了工作簿旁的模板：{'、'.join(own)}。"] if own else []


def web_template(name: str, workbook: Path) -> str:
    """A template of a web page, like :func:`template`, as text. Raises CannotRead if it is not UTF-8."""
    try:
        return template(name, workbook).decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise CannotRead(f"网页模板“{name}”不是 UTF-8 编码的文本；请在编辑器中另存为 UTF-8。") from error
