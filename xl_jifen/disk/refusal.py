"""What the operating system refused (系统的话), in Chinese: Python has it in English, or as a bare number.

Values only; nothing is opened here.
"""

from __future__ import annotations

import errno

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


def is_held(error: Exception) -> bool:
    """Whether Windows says that another program holds the file: a sharing violation or a lock violation."""
    return getattr(error, "winerror", None) in (32, 33)


def reason(error: OSError) -> str:
    """Why the system refused, in a few words to stand in brackets."""
    if is_held(error):
        return "正被别的程序占用"
    if error.errno is None:
        return "原因不明"
    return REASONS.get(error.errno, f"系统错误 {error.errno}")
