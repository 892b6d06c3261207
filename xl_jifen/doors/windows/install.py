"""Sets the bundle up for the current user (安装), or with ``--undo`` takes away exactly that again (卸载).

The program goes to the folder where the macro workbook looks for Python; workbooks are never touched. What stands in
the way is one plain sentence and exit code 2.
"""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from xl_jifen import __version__
from xl_jifen.doors.placing import WORKBOOKS, InTheWay, answer, discard, done, replace, told, verify

BUNDLE = Path(sys.executable).parent.parent
WORKBOOK = "党员积分.xlsm"
REFRESH, PRINTER, DESK = 238, 16, 21
SHORTCUTS = (
    ("党员积分", "desk", "打开工作台：点开，或把工作簿拖到这里", DESK),
    ("重新计算", "recalc", "把工作簿拖到这里：校验并写回积分", REFRESH),
    ("生成公示", "publish", "把工作簿拖到这里：生成公示", PRINTER),
)
"""Name, command, words, icon."""

NOT_FROM_ITSELF = "正在运行的这一份不能删除自己；请双击便携版文件夹里的“卸载.cmd”。"
TRUST = """
要把“{}”设为 Excel 的受信任位置吗？
设了以后，打开这个文件夹里的工作簿不再询问宏；来历不明的文件请不要放进去。
不设也能用，打开时点“启用内容”即可。输入 y 再按回车：设；直接按回车：不设。"""


def main(arguments: list[str]) -> int:
    """Set up, or undo it; the exit code."""
    return told(undo if "--undo" in arguments else install)


def home() -> Path:
    """Where the program goes: beside it in ``python`` the macro workbook looks for its Python."""
    return Path(os.environ["LOCALAPPDATA"], "xl-jifen")


def install(bundle: Path = BUNDLE) -> None:
    """Everything, in an order that leaves what was there in use until the new one is complete."""
    from xl_jifen.doors.windows import shell

    print(f"安装党员积分便携版 {__version__}：只为当前用户，不需要管理员权限。")
    done(f"文件完整（{verify(bundle)} 个）")
    unblock(bundle)
    done("已去掉“来自网络”的标记")
    python = home() / "python"
    if bundle != home():  # else it was copied there by hand
        replace(python, bundle / "python")
    done(f"程序在 {python}")
    folder = shell.documents() / WORKBOOKS
    folder.mkdir(exist_ok=True)
    if not (folder / WORKBOOK).exists():
        shutil.copyfile(bundle / WORKBOOK, folder / WORKBOOK)
    done(f"工作簿放在 {folder}，里面有一份空白的“{WORKBOOK}”")
    for name, command, words, icon in SHORTCUTS:
        path = shell.desktop() / f"{name}.lnk"
        if path.exists() and not leads_to(path, python, shell.target_of):
            print(f"· 桌面上已有别的“{name}”，没有改动它；请把它改名后再装一次。")
            continue
        started = f"-m xl_jifen.doors.windows.dropped {command}"
        shell.make_shortcut(path, python / "python.exe", started, words, folder, icon)
        done(f"桌面上有了“{name}”：把工作簿拖到上面，或双击后选文件")
    offer_trust(folder)
    print("安装完成。")


def undo() -> None:
    """Take away the shortcuts, the trusted location and the program."""
    from xl_jifen.doors.windows import shell

    python = home() / "python"
    if Path(sys.executable).is_relative_to(home()):
        raise InTheWay(NOT_FROM_ITSELF)
    discard(python)
    with suppress(OSError):
        home().rmdir()
    done("程序已删除")
    for name, *_ in SHORTCUTS:
        path = shell.desktop() / f"{name}.lnk"
        if path.exists() and leads_to(path, python, shell.target_of):
            path.unlink()
            done(f"桌面上的“{name}”已删除")
    if shell.distrust():
        done("受信任位置已取消")
    print(f"卸载完成；“{shell.documents() / WORKBOOKS}”和其他地方的工作簿都没有动。")


def unblock(folder: Path) -> None:
    """Take the mark of the web (Mark-of-the-Web) off every file: a stream beside its content, on NTFS only."""
    for path in folder.rglob("*"):
        with suppress(OSError):
            Path(f"{path}:Zone.Identifier").unlink()


def leads_to(path: Path, folder: Path, target_of: Callable[[Path], Path]) -> bool:
    """Whether a shortcut is ours."""
    return target_of(path).is_relative_to(folder)


def offer_trust(folder: Path) -> None:
    """Ask whether Excel may run the macros of the workbooks there; only a clear yes counts."""
    from xl_jifen.doors.windows import shell

    versions = shell.excel_versions()
    if not versions:
        print("· 没有找到 Excel，不设受信任位置；WPS 请用桌面上的图标。")
        return
    if answer(TRUST.format(folder)).lower() not in ("y", "yes", "是"):
        return
    for version in versions:
        shell.trust(folder, version)
    done("已设为受信任位置，重新打开 Excel 后生效")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
