"""What the operating system refused (系统的话), in Chinese: Python has it in English, or as a bare number.

Values only; nothing is opened here.
"""

from __future__ import annotations

import errno
import os
import sys
from pathlib import Path

REASONS = {
    errno.EACCES: "没有权限",
    errno.EPERM: "没有权限",
    errno.ENOENT: "已不在原处",
    errno.EEXIST: "同名的已经存在",
    errno.ENOTDIR: "所在的位置不是文件夹",
    errno.EISDIR: "是一个文件夹",
    errno.ENOTEMPTY: "文件夹不是空的",
    errno.EROFS: "磁盘是只读的",
    errno.ENOSPC: "磁盘空间不足",
    errno.EDQUOT: "磁盘空间不足",
    errno.EFBIG: "文件太大",
    errno.ENAMETOOLONG: "名称太长",
    errno.EINVAL: "名称中有不能用的字符",
    errno.EIO: "磁盘读写出错",
    errno.EBUSY: "正被别的程序占用",
    errno.ETIMEDOUT: "网络没有回应",
    errno.ENETUNREACH: "网络不通",
    errno.EHOSTUNREACH: "网络不通",
    errno.ECONNREFUSED: "对方没有回应",
    errno.ECONNRESET: "连接断了",
}
"""Why, by error number."""


CLOUD = frozenset((362, 386, 388, 389, 393, 395, 398, 404, 426))
"""What Windows says where a file lies in a cloud (OneDrive, WPS 云文档) and cannot be fetched."""

NOT_FETCHED = "还没有从网盘下载到本机"
FETCH = "请在网盘（OneDrive、WPS 云文档等）中把它下载到本机，能用 Excel 或 WPS 打开后再试"
"""What a file is that a cloud only holds the place for, and the remedy."""

LONGEST_PATH = 248
"""Letters of a folder's path that every Windows takes; a file's may have twelve more."""


def is_too_long(error: OSError, path: str | os.PathLike[str]) -> bool:
    """Whether the name or the way to it is too long; Windows says of a long way that it is not there."""
    lost = (
        sys.platform == "win32"
        and isinstance(error, FileNotFoundError)
        and len(str(Path(path).absolute())) >= LONGEST_PATH
    )
    return error.errno == errno.ENAMETOOLONG or getattr(error, "winerror", None) == 206 or lost


SHORTEN = "请把文件名改短，或把文件夹移到层数少、名称短的地方（如 D:\\积分）后再试"
"""The remedy of a name or a way to it that is too long."""


def no_folder(path: Path) -> str:
    """A sentence that a file lies where a folder is to be."""
    return f"“{path}”是文件，不是文件夹，里面不能放文件；请换一个文件夹，或先把它改名。"


def is_held(error: Exception) -> bool:
    """Whether Windows says that another program holds the file: a sharing violation or a lock violation."""
    return getattr(error, "winerror", None) in (32, 33)


def reason(error: OSError) -> str:
    """Why the system refused, in a few words to stand in brackets."""
    if is_held(error):
        return "正被别的程序占用"
    if getattr(error, "winerror", None) in CLOUD:
        return NOT_FETCHED
    if error.errno is None:
        return "原因不明"
    return REASONS.get(error.errno, f"系统错误 {error.errno}")


def sentence(error: OSError) -> str:
    """What a command says where the system refused it something at a place that expects no refusal."""
    named = isinstance(error.filename, str | bytes | os.PathLike)
    name = Path(os.fsdecode(error.filename)).name if named else ""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return f"磁盘空间不足{f'，“{name}”没有写完' if name else ''}；请腾出一些空间后再试。"
    if not name and isinstance(error, FileNotFoundError):  # only the working directory has no name
        return "当前的文件夹已不在原处；请换到工作簿所在的文件夹，再运行一次。"
    if name and is_too_long(error, os.fsdecode(error.filename)):
        return f"“{name}”用不了，文件名或所在文件夹的路径太长；{SHORTEN}。"
    what = f"“{name}”用不了" if name else "系统没有让程序做完"
    return f"{what}（{reason(error)}）；请检查权限、磁盘和网络连接，关闭正在使用它的程序后再试。"
