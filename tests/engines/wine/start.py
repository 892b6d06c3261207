"""The start of workbook/vba/JiFenWindows.bas, call for call, by its own Declare lines: run by a Python of Windows.

    python start.py JiFenWindows.bas PYTHON VERB HWND BOOK    prints one JSON line: the answer, and the calls in order

VBA cannot run here; its declarations can: types and sizes are taken from the text, structures are laid out as VBA does.
"""

import ctypes
import json
import re
import sys
from pathlib import Path

TYPES = {"Long": ctypes.c_int32, "Integer": ctypes.c_int16, "LongPtr": ctypes.c_ssize_t, "Any": ctypes.c_void_p}
CREATE_NO_WINDOW, QS_ALLINPUT, MWMO_INPUTAVAILABLE, WAIT_A_TIME = 0x08000000, 0x4FF, 4, 200
GENERIC_READ, GENERIC_WRITE = -0x80000000, 0x40000000
LONGEST_PATH = 32767


def structures(text):
    """The Types of the module, each as a ctypes structure."""
    found = {}
    for name, body in re.findall(r"(?ms)^Private Type (\w+)\n(.*?)^End Type", text):
        fields = re.findall(r"(\w+) As (\w+)", body)
        found[name] = type(name, (ctypes.Structure,), {"_fields_": [(field, TYPES[kind]) for field, kind in fields]})
    return found


class Windows:
    """The declared functions, logging each call."""

    def __init__(self, text):
        self.calls, self.functions, self.types = [], {}, structures(text)
        pattern = r"^Private Declare PtrSafe Function (\w+) Lib \"(\w+)\" \((.*?)\) As (\w+)"
        for name, library, arguments, result in re.findall(pattern, text, re.MULTILINE):
            function = getattr(ctypes.WinDLL(library), name)
            function.restype = TYPES[result]
            function.argtypes = [self._argument(each) for each in arguments.split(", ") if each]
            self.functions[name] = function

    def _argument(self, declared):
        way, kind = re.match(r"(ByVal|ByRef) \w+ As (\w+)", declared).groups()
        if way == "ByVal":
            return TYPES[kind]
        return ctypes.c_void_p if kind == "Any" else ctypes.POINTER(self.types.get(kind) or TYPES[kind])

    def __getattr__(self, name):
        function = self.functions[name]

        def call(*arguments):
            self.calls.append(name)
            return function(*arguments)

        return call


def text_pointer(text):
    """StrPtr of a String: kept alive by who holds the buffer."""
    buffer = ctypes.create_unicode_buffer(text)
    return buffer, ctypes.addressof(buffer)


def start(windows, python, verb, hwnd, book):
    """IsAnswered of the module."""
    buffer = ctypes.create_unicode_buffer(LONGEST_PATH)
    length = windows.GetTempPathW(LONGEST_PATH, ctypes.addressof(buffer))
    base = f"{buffer.value[:length]}xl-jifen-{windows.GetCurrentProcessId()}-{windows.GetTickCount() & 0xFFFFFFFF:X}"
    job, answer_file = f"{base}.job", f"{base}.answer"
    write(windows, job, f"{verb}\n{hwnd}\n{book}\nC:\\Program Files\\Microsoft Office\\root\\Office16\n{answer_file}\n")
    startup, process = windows.types["StartupInfo"](), windows.types["ProcessInformation"]()
    startup.cb = ctypes.sizeof(startup)
    held = [
        text_pointer(each)
        for each in (f'"{python}" -E -P -m xl_jifen.hosts.press "{job}"', python.rpartition("\\")[0] + "\\")
    ]
    started = windows.CreateProcessW(0, held[0][1], 0, 0, 0, CREATE_NO_WINDOW, 0, held[1][1], startup, process)
    answer = None
    if started:
        windows.CloseHandle(process.hThread)
        handle = ctypes.c_ssize_t(process.hProcess)
        while windows.MsgWaitForMultipleObjectsEx(1, handle, WAIT_A_TIME, QS_ALLINPUT, MWMO_INPUTAVAILABLE):
            pump()
        windows.CloseHandle(process.hProcess)
        answer = read(windows, answer_file)
        windows.DeleteFileW(text_pointer(answer_file)[1])
    windows.DeleteFileW(text_pointer(job)[1])
    return {"started": bool(started), "answer": answer, "startup": startup.cb, "calls": windows.calls}


def pump():
    """DoEvents."""
    import win32gui

    win32gui.PumpWaitingMessages()


def write(windows, path, text):
    data, done = text.encode("utf-16-le"), ctypes.c_int32()
    held = text_pointer(path)
    file = windows.CreateFileW(held[1], GENERIC_WRITE, 0, 0, 2, 128, 0)
    windows.WriteFile(
        file, ctypes.cast(ctypes.create_string_buffer(data, len(data)), ctypes.c_void_p), len(data), done, 0
    )
    windows.CloseHandle(file)


def read(windows, path):
    held, done = text_pointer(path), ctypes.c_int32()
    file = windows.CreateFileW(held[1], GENERIC_READ, 7, 0, 3, 128, 0)
    if file == -1:
        return ""
    size = windows.GetFileSize(file, 0)
    buffer = ctypes.create_string_buffer(size)
    windows.ReadFile(file, ctypes.cast(buffer, ctypes.c_void_p), size, done, 0)
    windows.CloseHandle(file)
    return buffer.raw.decode("utf-16-le")


if __name__ == "__main__":
    module, *given = sys.argv[1:]
    declared = Windows(Path(module).read_text("ascii"))
    sys.stdout.buffer.write(json.dumps(start(declared, *given), ensure_ascii=False).encode() + b"\n")
