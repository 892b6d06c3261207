"""Builds the portable Linux bundle (信创便携版): one folder, and a tar.gz of it, that needs no root and no network.

Into it go a CPython that runs anywhere, the wheels of a lock, our own wheel, the master workbooks and what lies in
``linux/``; ``bundle.toml`` names the rest. Standard library only; the same inputs give the same bytes.

    python .github/portable/build_linux.py --own dist/xl_jifen-0.2.0-py3-none-any.whl OUT
"""

from __future__ import annotations

import argparse
import gzip
import hashlib
import io
import re
import tarfile
import tomllib
from collections.abc import Iterable
from fnmatch import fnmatchcase
from pathlib import Path, PurePosixPath
from typing import Any

import build

LINUX: dict[str, Any] = build.CONTENTS["linux"]
PROGRAMS = ("python/bin/python3", "xl-jifen", "安装.sh", "卸载.sh")
"""What may be started."""


def main(arguments: list[str] | None = None) -> None:
    """Build what the command line asks for. Raises SystemExit with a sentence where an input is wrong."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out", type=Path, help="where the folder and the tar.gz go")
    parser.add_argument("--own", type=Path, required=True, help="our own wheel")
    parser.add_argument("--python", type=Path, help="the interpreter's tar.gz; default: from where it is published")
    parser.add_argument("--wheels", type=Path, help="a folder with the wheels of the lock; default: from PyPI")
    options = parser.parse_args(arguments)
    locked = tomllib.loads((build.HERE / LINUX["lock"]).read_text(encoding="utf-8"))["packages"]
    options.out.mkdir(parents=True, exist_ok=True)
    if options.wheels is None:
        options.wheels = options.out / "wheels"
        build.download(locked, options.wheels, LINUX["version"], LINUX["platforms"])
    python = options.python.read_bytes() if options.python else build.fetch(LINUX)
    own = build.wheel_of(options.own.name, options.own.read_bytes())
    others = list(build.wheels(locked, options.wheels))
    folder, archive = bundle(
        options.out, python, own, others, oldest_glibc(path.name for path in options.wheels.glob("*.whl"))
    )
    print(f"{folder}\n{archive}  {archive.stat().st_size:,}")


def bundle(out: Path, python: bytes, own: build.Wheel, others: list[build.Wheel], glibc: str) -> tuple[Path, Path]:
    """The bundle's folder and its tar.gz in ``out``, beside the archive's checksum. Neither may be there yet."""
    folder = out / f"党员积分-{own.version}-linux-x86_64"
    if folder.exists():
        raise SystemExit(f"{folder} is there already")
    contents, site = interpreter(python)
    for wheel in (*others, own):
        contents |= build.installed(wheel, site)
    contents |= our_files(own, glibc)
    for path, data in contents.items():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(data)
        target.chmod(0o755 if path in PROGRAMS else 0o644)
    build.compile_modules(folder, LINUX["version"], site.parent)
    (folder / build.SUMS).write_bytes(build.sums(folder))
    archive = out / f"xl-jifen-{own.version}-linux-x86_64.tar.gz"
    archive.write_bytes(packed(folder))
    digest = hashlib.sha256(archive.read_bytes()).hexdigest()
    archive.with_name(f"{archive.name}.sha256").write_text(f"{digest}  {archive.name}\n", encoding="ascii")
    return folder, archive


def interpreter(archive: bytes) -> tuple[dict[str, bytes], PurePosixPath]:
    """The interpreter's files, its program being ``bin/python3``, and where packages go; links are left out.

    Raises SystemExit if it is laid out otherwise than ``python/bin/python3.N`` and ``python/lib/python3.N``.
    """
    files = {}
    with tarfile.open(fileobj=io.BytesIO(archive)) as tar:
        for member in tar:
            path = build.inside(member.name)
            if member.isfile() and not any(fnmatchcase("/".join(path.parts[1:]), each) for each in LINUX["leave_out"]):
                read = tar.extractfile(member)
                assert read
                files[str(path)] = read.read()
    named = [path for path in files if re.fullmatch(r"python/bin/python3\.\d+", path)]
    if len(named) != 1:
        raise SystemExit("the interpreter is not where it was expected: python/bin/python3.N")
    program = files[named[0]]
    files = {path: data for path, data in files.items() if not path.startswith("python/bin/")}
    files["python/bin/python3"] = program
    return files, PurePosixPath("python/lib", PurePosixPath(named[0]).name, "site-packages")


def our_files(own: build.Wheel, glibc: str) -> dict[str, bytes]:
    """The master workbooks, the scripts and words for the user."""
    files = build.masters(own)
    for path in sorted((build.HERE / "linux").iterdir()):
        files[path.name] = path.read_text("utf-8").replace("{version}", own.version).replace("{glibc}", glibc).encode()
    return files


def oldest_glibc(wheels: Iterable[str]) -> str:
    """The oldest C library all these wheels run with, by their names' tags (PEP 600), such as ``2.28``."""
    needed = [(2, 17)]
    for name in wheels:
        tags = name.removesuffix(".whl").rpartition("-")[2].split(".")
        versions = [(2, 17) if tag.startswith("manylinux2014") else version(tag) for tag in tags if "linux" in tag]
        needed += [min(versions)] if versions else []
    return "{}.{}".format(*max(needed))


def version(tag: str) -> tuple[int, int]:
    """The glibc of a tag ``manylinux_X_Y_machine``."""
    major, minor = re.findall(r"\d+", tag)[:2]
    return int(major), int(minor)


def packed(folder: Path) -> bytes:
    """The folder as a tar.gz, without dates, owners or a trace of the system it was made on."""
    out = io.BytesIO()
    with gzip.GzipFile(fileobj=out, mode="wb", mtime=0) as zipped, tarfile.open(fileobj=zipped, mode="w") as tar:
        for path in build.files_in(folder):
            name = path.relative_to(folder).as_posix()
            info = tarfile.TarInfo(f"{folder.name}/{name}")
            info.size, info.mode = path.stat().st_size, 0o755 if name in PROGRAMS else 0o644
            with path.open("rb") as file:
                tar.addfile(info, file)
    return out.getvalue()


if __name__ == "__main__":
    main()
