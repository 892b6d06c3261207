"""Builds the portable Windows bundle (便携版): one folder, and a zip of it, that needs no Python on the machine.

Into it go the embeddable CPython, the wheels of a lock, our own wheel, the macro workbook and what lies in ``files/``;
``bundle.toml`` names the rest. Standard library only; the same inputs give the same bytes.

    python .github/portable/build.py --own dist/xl_jifen-0.2.0-py3-none-any.whl OUT

The locks are made again, after a change of dependencies, by the command in the first lines of each.
"""

from __future__ import annotations

import argparse
import compileall
import hashlib
import io
import py_compile
import subprocess
import sys
import tomllib
import urllib.request
import zipfile
from collections.abc import Iterator
from fnmatch import fnmatchcase
from pathlib import Path, PurePosixPath
from typing import Any, NamedTuple

HERE = Path(__file__).resolve().parent
CONTENTS: dict[str, Any] = tomllib.loads((HERE / "bundle.toml").read_text(encoding="utf-8"))

MASTERS = ("党员积分.xlsm", "党员积分.xlsx")
SITE = PurePosixPath("python/Lib/site-packages")
SUMS = "SHA256SUMS"
LONGEST_PATH = 160
"""Characters of a path in the bundle, its top folder included: Windows takes 260, the rest is the user's."""

ZIP_DATE = (1980, 1, 1, 0, 0, 0)


class Wheel(NamedTuple):
    """A wheel file: its distribution, and its bytes."""

    name: str
    version: str
    data: bytes


def main(arguments: list[str] | None = None) -> None:
    """Build what the command line asks for. Raises SystemExit with a sentence where an input is wrong."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out", type=Path, help="where the folder and the zip go")
    parser.add_argument("--own", type=Path, required=True, help="our own wheel")
    parser.add_argument("--edition", choices=sorted(CONTENTS["editions"]), default="branch")
    parser.add_argument("--python", type=Path, help="the embeddable CPython; default: from python.org")
    parser.add_argument("--wheels", type=Path, help="a folder with the wheels of the lock; default: from PyPI")
    options = parser.parse_args(arguments)
    edition = CONTENTS["editions"][options.edition]
    locked = tomllib.loads((HERE / edition["lock"]).read_text(encoding="utf-8"))["packages"]
    options.out.mkdir(parents=True, exist_ok=True)
    if options.wheels is None:
        options.wheels = options.out / "wheels"
        download(locked, options.wheels, CONTENTS["python"]["version"], ("win_amd64",))
    embedded = options.python.read_bytes() if options.python else fetch(CONTENTS["python"])
    folder, archive = build(
        options.out,
        embedded,
        wheel_of(options.own.name, options.own.read_bytes()),
        list(wheels(locked, options.wheels)),
        suffix=edition["suffix"],
    )
    print(f"{folder}\n{archive}  {archive.stat().st_size:,}")


def build(out: Path, embedded: bytes, own: Wheel, others: list[Wheel], *, suffix: str = "") -> tuple[Path, Path]:
    """The bundle's folder and its zip in ``out``, beside the zip's checksum. Neither may be there yet."""
    folder = out / f"党员积分-{own.version}-win64{suffix}"
    if folder.exists():
        raise SystemExit(f"{folder} is there already")
    contents = dict(python(embedded))
    for wheel in (*others, own):
        contents |= installed(wheel)
    contents |= our_files(own)
    if too_long := [path for path in contents if len(folder.name) + 1 + len(path) > LONGEST_PATH]:
        raise SystemExit(f"too long a path: {max(too_long, key=len)}")
    for path, data in contents.items():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(data)
    compile_modules(folder, CONTENTS["python"]["version"], SITE)
    (folder / SUMS).write_bytes(sums(folder))
    archive = out / f"xl-jifen-{own.version}-win64{suffix}.zip"  # GitHub keeps only ASCII in the name of an asset
    archive.write_bytes(zipped(folder))
    digest = hashlib.sha256(archive.read_bytes()).hexdigest()
    archive.with_name(f"{archive.name}.sha256").write_text(f"{digest}  {archive.name}\n", encoding="ascii", newline="")
    return folder, archive


# -- what goes in ------------------------------------------------------------------------------------------------------


def python(embedded: bytes) -> Iterator[tuple[str, bytes]]:
    """The interpreter's files, its search path being ours."""
    with zipfile.ZipFile(io.BytesIO(embedded)) as file:
        for info in file.infolist():
            if not info.is_dir() and not info.filename.endswith("._pth"):
                yield f"python/{inside(info.filename)}", file.read(info)
    major, minor, _ = CONTENTS["python"]["version"].split(".")
    yield f"python/python{major}{minor}._pth", crlf("\n".join(CONTENTS["python"]["search"]) + "\n").encode("ascii")


def installed(wheel: Wheel, site: PurePosixPath = SITE) -> dict[str, bytes]:
    """The files of a wheel where an installer for the interpreter of ``site`` puts them, without those left out."""
    left_out = CONTENTS["leave_out"].get(wheel.name, ())
    files = {}
    with zipfile.ZipFile(io.BytesIO(wheel.data)) as file:
        for info in file.infolist():
            if info.is_dir() or any(fnmatchcase(info.filename, pattern) for pattern in left_out):
                continue
            if (place := place_of(inside(info.filename), site)) is not None:
                files[place] = file.read(info)
    return files


def place_of(name: PurePosixPath, site: PurePosixPath = SITE) -> str | None:
    """Where a file of a wheel belongs in the bundle; None for what only pip could use."""
    first, *rest = name.parts
    if first.endswith(".data"):
        scheme, *rest = rest
        home = {"data": PurePosixPath("python"), "purelib": site, "platlib": site}.get(scheme)
        return str(home.joinpath(*rest)) if home else None
    if first == "pywin32_system32":
        return str(PurePosixPath("python", *rest))  # beside python.exe they come before another program's
    return str(site / name)


def our_files(own: Wheel) -> dict[str, bytes]:
    """The master workbooks, the scripts and words for the user."""
    files = masters(own)
    for path in sorted((HERE / "files").iterdir()):
        text = crlf(path.read_text(encoding="utf-8").replace("{version}", own.version))
        # cmd reads a script in the system's code page; every Notepad knows UTF-8 by its mark
        files[path.name] = text.encode("gbk") if path.suffix == ".cmd" else text.encode("utf-8-sig")
    return files


def masters(own: Wheel) -> dict[str, bytes]:
    """The master workbooks by name."""
    with zipfile.ZipFile(io.BytesIO(own.data)) as file:
        return {name: file.read(f"xl_jifen/_assets/workbook/{name}") for name in MASTERS}


def compile_modules(folder: Path, version: str, below: PurePosixPath) -> None:
    """Byte code beside every module: buttons start Python with -B, which would compile everything at each press."""
    if ".".join(map(str, sys.version_info[:2])) != version.rpartition(".")[0]:
        print(f"not compiled: this is not Python {version}", file=sys.stderr)
        return
    mode = py_compile.PycInvalidationMode.UNCHECKED_HASH  # unzipping changes dates
    elsewhere, sys.pycache_prefix = sys.pycache_prefix, None  # where this Python keeps what it compiles for itself
    try:
        compiled = compileall.compile_dir(
            folder / below, quiet=1, force=True, stripdir=str(folder), invalidation_mode=mode, maxlevels=30
        )
    finally:
        sys.pycache_prefix = elsewhere
    if not compiled:
        raise SystemExit("a module does not compile")


# -- what comes out ----------------------------------------------------------------------------------------------------


def sums(folder: Path) -> bytes:
    """The SHA-256 of every file below a folder, in the format of sha256sum."""
    return "".join(
        f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.relative_to(folder).as_posix()}\n"
        for path in files_in(folder)
        if path.name != SUMS
    ).encode()


def zipped(folder: Path) -> bytes:
    """The folder as a zip, without dates and without a trace of the system it was made on."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as file:
        for path in files_in(folder):
            info = zipfile.ZipInfo(f"{folder.name}/{path.relative_to(folder).as_posix()}", ZIP_DATE)
            info.compress_type, info.create_system = zipfile.ZIP_DEFLATED, 0
            file.writestr(info, path.read_bytes(), compresslevel=9)
    return out.getvalue()


def files_in(folder: Path) -> list[Path]:
    """All files below a folder, in an order that is the same on every system."""
    return sorted((path for path in folder.rglob("*") if path.is_file()), key=lambda path: path.as_posix())


# -- inputs ------------------------------------------------------------------------------------------------------------


def fetch(python: dict[str, str]) -> bytes:
    """The interpreter from where it is published. Raises SystemExit if it is not the file we know."""
    with urllib.request.urlopen(python["url"], timeout=300) as response:
        data: bytes = response.read()
    if hashlib.sha256(data).hexdigest() != python["sha256"]:
        raise SystemExit(f"{python['url']} is not the file whose SHA-256 is {python['sha256']}")
    return data


def download(locked: list[dict[str, Any]], folder: Path, version: str, platforms: tuple[str, ...]) -> None:
    """The locked wheels for a Python and platforms, from PyPI or the mirror pip is set to, whatever machine this is."""
    folder.mkdir(exist_ok=True)
    wanted = folder / "requirements.txt"
    wanted.write_text(requirements(locked), encoding="ascii")
    command = "-m pip download --quiet --no-deps --require-hashes --only-binary=:all:"
    python = f"--implementation cp --python-version {version}"
    tags = [word for platform in platforms for word in ("--platform", platform)]
    paths = ["-d", str(folder), "-r", str(wanted)]
    subprocess.run([sys.executable, *command.split(), *python.split(), *tags, *paths], check=True)


def requirements(locked: list[dict[str, Any]]) -> str:
    """The lock as pip reads it."""
    return "".join(
        " ".join(
            [f"{each['name']}=={each['version']}", *(f"--hash=sha256:{digest}" for digest in files_of(each).values())]
        )
        + "\n"
        for each in locked
    )


def wheels(locked: list[dict[str, Any]], folder: Path) -> Iterator[Wheel]:
    """The wheel of each locked package in a folder. Raises SystemExit if one is missing or is not the one locked."""
    for each in locked:
        known = files_of(each)
        found = [path for path in sorted(folder.glob("*.whl")) if path.name in known]
        if len(found) != 1:
            raise SystemExit(f"{folder}: {len(found)} wheels of {each['name']} {each['version']}, not one")
        data = found[0].read_bytes()
        if hashlib.sha256(data).hexdigest() != known[found[0].name]:
            raise SystemExit(f"{found[0]} is not the file in the lock")
        yield wheel_of(found[0].name, data)


def files_of(package: dict[str, Any]) -> dict[str, str]:
    """SHA-256 of a locked package's wheels by file name."""
    return {PurePosixPath(each["url"]).name: each["hashes"]["sha256"] for each in package["wheels"]}


def wheel_of(file_name: str, data: bytes) -> Wheel:
    """A wheel by its file name: ``name-version-…``."""
    name, version, *_ = file_name.split("-")
    return Wheel(name.lower().replace("_", "-"), version, data)


def inside(name: str) -> PurePosixPath:
    """The path of an entry of a zip. Raises SystemExit if it would lead out of the folder."""
    path = PurePosixPath(name)
    if path.is_absolute() or ".." in path.parts or "\\" in name or ":" in name:
        raise SystemExit(f"a path leads out of the bundle: {name}")
    return path


def crlf(text: str) -> str:
    """The line ends of Windows."""
    return text.replace("\n", "\r\n")


if __name__ == "__main__":
    main()
