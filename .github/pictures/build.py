"""Makes the README's pictures (README 的图) from real output: the demo's sheets on a screen, its published pages.

    PYTHONPATH=. python .github/pictures/build.py [name…]

Needs the extras pdf, fonts and test and, on Debian, libreoffice-calc python3-uno xvfb imagemagick chromium
poppler-utils fonts-noto-cjk. Only the ribbon is drawn rather than photographed, from workbook/ribbon.xml: nothing here
can show it.
"""

from __future__ import annotations

import csv
import html
import io
import json
import os
import random
import re
import shutil
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import date, datetime
from pathlib import Path
from xml.etree import ElementTree

FOLDER = Path(__file__).parent
ROOT = FOLDER.parent.parent
SYSTEM_PYTHON = "/usr/bin/python3"

NOW, DAY, QUARTER = datetime(2026, 12, 31, 17, 30), date(2026, 10, 9), "2026Q3"
DEMO = "党员积分示例.xlsx"
WIDTH, COLORS = 1620, 96
PAGE_SHARE, PHONE_SHARE = 0.56, 0.41
"""How wide these two stand side by side in the README, to be equally high there."""

CHECKED = 8
"""So many findings of ``check`` are shown."""

DPI = 144
"""Half as many pixels again as a README is wide, so that letters stay sharp on a dense screen."""


@dataclass(frozen=True, slots=True)
class Screen:
    """One sheet on the screen: which, scrolled to where, what is selected."""

    book: str
    sheet: str
    height: int
    cell: str = "A1"
    column: str = "A"
    row: int = 1
    zoom: int = 90
    width: int = WIDTH


SCREENS = {
    "rules": Screen(DEMO, "积分规则", 640, cell="A5", zoom=75),
    "month": Screen(DEMO, "10月", 760, cell="D9", zoom=85, column="D", row=4),
    "attendance": Screen(DEMO, "活动考勤", 600, cell="G6", zoom=70),
    "notes": Screen(DEMO, "10月", 640, cell="O18", zoom=78, column="G", row=12),
    "findings": Screen(DEMO, "校验结果", 640, cell="C5"),
    "ledger": Screen(DEMO, "积分台账", 640, cell="D8", zoom=75),
    "board": Screen(DEMO, "看板", 890, cell="A3", zoom=62, width=1210),
    "rollup": Screen("汇总.xlsx", "支部汇总", 560, zoom=70),
}
PAGES = ("publicity", "phone")
DRAWN = ("tab", "check", "desk")
PICTURES = (*SCREENS, *PAGES, *DRAWN)
"""Every picture by its stem; tests/test_readme.py compares with what the README shows."""

BRANCHES = ("机关第一支部", "机关第二支部", "监察支队支部", "救援中心支部", "宣教中心支部", "离退休支部")

FONTS = """<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig><include>/etc/fonts/fonts.conf</include>%s</fontconfig>"""
SAME_FONT = """<match target="pattern"><test name="family"><string>%s</string></test>
<edit name="family" mode="assign" binding="same"><string>%s</string></edit></match>"""
STAND_INS = {"微软雅黑": "Noto Sans CJK SC", "Tahoma": "Noto Sans CJK SC", "宋体": "Noto Serif CJK SC"}


def main(names: Sequence[str]) -> None:
    """The named pictures, or all of them."""
    names = names or PICTURES
    with tempfile.TemporaryDirectory(prefix="xl-jifen-pictures-") as made:
        folder = Path(made)
        demo(folder)
        if "rollup" in names:
            summary(folder)
        screens(folder, {name: SCREENS[name] for name in names if name in SCREENS})
        if set(names) & set(PAGES):
            pages(folder)
        if "tab" in names:
            browser(folder, "tab", ribbon(ROOT / "workbook" / "ribbon.xml"), 980, 158)
        if "check" in names:
            browser(folder, "check", terminal(folder), 760, 474)
        if "desk" in names:
            desk(folder)
        for name in names:
            reduce(folder / f"{name}.png", FOLDER / f"{name}.png")


def demo(folder: Path) -> None:
    """The example branch, recalculated and published."""
    from xl_jifen.verbs import quarter as verbs
    from xl_jifen.verbs.publish import publish

    path = verbs.example(folder / DEMO)
    opened = verbs.open_workbook(path)
    verbs.recalculate(opened, NOW)
    quarter = verbs.quarter_of(opened.reckoning, QUARTER)
    publish(opened, quarter, NOW, day=DAY, folder=folder / "公示")


def desk(folder: Path) -> None:
    """The desk on the example, in the browser of the system."""
    from playwright.sync_api import sync_playwright

    from xl_jifen.doors.desk.run import run
    from xl_jifen.doors.desk.web import Desk

    served = Desk(folder, folder / DEMO, run)
    threading.Thread(target=served.serve, daemon=True).start()
    with sync_playwright() as driver:
        chromium = driver.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        page = chromium.new_page(viewport={"width": 1280, "height": 720})
        page.goto(served.guard.address)
        page.screenshot(path=folder / "desk.png")
        chromium.close()
    served.end()


def summary(folder: Path) -> None:
    """A rollup of some branches like the example, one file among them that cannot be read."""
    from xl_jifen import layout
    from xl_jifen.disk import assets
    from xl_jifen.excel.fill.master import filled
    from xl_jifen.verbs.rollup.rollup import rollup

    texts = {file.stem: file.read_text("utf-8") for file in (ROOT / "workbook" / "demo").glob("*.csv")}
    settings = dict(row for row in csv.reader(io.StringIO(texts.pop(layout.SETTINGS.name))) if row[1:])
    branches = folder / "各支部"
    branches.mkdir()
    for seed, branch in enumerate(BRANCHES):
        chance, varied = random.Random(seed), dict(texts)
        for month in layout.MONTHS:
            head, *rows = texts[month.name].splitlines()
            varied[month.name] = "\n".join([head, *(row for row in rows if chance.random() < 0.85)])
        named = settings | {layout.BRANCH: f"中共云岭市应急管理局{branch}委员会"}
        path = branches / f"{branch}.xlsx"
        path.write_bytes(filled(assets.asset("workbook/党员积分.xlsx"), path.name, named, varied))
    (branches / "执法支部.xlsx").write_bytes(b"PK\x03\x04")
    rollup([str(branches)], folder / "汇总.xlsx", NOW, workers=1)


def screens(folder: Path, wanted: dict[str, Screen]) -> None:
    """Photographs of sheets, on a screen that is not there."""
    if not wanted:
        return
    orders = [
        asdict(screen) | {"book": str(folder / screen.book), "path": str(folder / f"{name}.png")}
        for name, screen in wanted.items()
    ]
    fonts = folder / "fonts.conf"
    fonts.write_text(FONTS % "".join(SAME_FONT % pair for pair in STAND_INS.items()), "utf-8")
    with display() as number:
        environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
        environment |= {"DISPLAY": f":{number}", "FONTCONFIG_FILE": str(fonts), "SAL_USE_VCLPLUGIN": "gen"}
        command = [SYSTEM_PYTHON, str(FOLDER / "screen.py"), str(folder / "profile")]
        subprocess.run(command, input=json.dumps(orders), text=True, env=environment, check=True)


@contextmanager
def display() -> Iterator[str]:
    """The number of an X display in memory."""
    size = f"{WIDTH}x{max(screen.height for screen in SCREENS.values())}x24"
    command = ["Xvfb", "-displayfd", "1", "-screen", "0", size, "-dpi", str(DPI)]
    server = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    try:
        assert server.stdout is not None
        yield server.stdout.readline().strip()
    finally:
        server.terminate()
        server.wait(20)


def pages(folder: Path) -> None:
    """The first page of the publicity PDF, and the top of the picture for phones."""
    from PIL import Image

    pdf, phone = next((folder / "公示").glob("*.pdf")), next((folder / "公示").glob("*.png"))
    subprocess.run(["pdftoppm", "-r", "110", "-png", "-singlefile", "-f", "1", pdf, folder / "publicity"], check=True)
    with Image.open(folder / "publicity.png") as page:
        _framed(page.convert("RGB")).save(folder / "publicity.png")
        ratio = page.height / page.width
    with Image.open(phone) as picture:
        width = 620
        small = picture.convert("RGB").resize((width, round(picture.height * width / picture.width)), Image.LANCZOS)
        height = round(width * ratio * PAGE_SHARE / PHONE_SHARE)
        _framed(small.crop((0, 0, width, min(small.height, height)))).save(folder / "phone.png")


def _framed(picture):  # type: ignore[no-untyped-def]
    """A thin grey line around paper, which is as white as the README."""
    from PIL import ImageOps

    return ImageOps.expand(picture, 2, "#c8c8c8")


ICONS = {
    "ErrorChecking": ("#2e7d32", "✓"),
    "CalculateNow": ("#1565c0", "="),
    "FilePrintPreview": ("#b71c1c", "公"),
    "ReviewProtectWorkbook": ("#8d6e1f", "归"),
    "DataValidation": ("#2e7d32", "核"),
    "SortDialog": ("#1565c0", "评"),
    "ReviewNewComment": ("#8d6e1f", "会"),
    "FilePrintQuick": ("#546e7a", "人"),
    "FormulaEvaluate": ("#6a1b9a", "比"),
    "FileNew": ("#546e7a", "+"),
    "Help": ("#1565c0", "?"),
}
"""A plain letter for each of Excel's own icons (imageMso), which are not ours to show."""

UI = "{http://schemas.microsoft.com/office/2009/07/customui}"
TAB_PAGE = """<!doctype html><meta charset="utf-8"><style>
body { margin: 0; background: #f3f2f1; color: #252423; font: 14px "Noto Sans CJK SC"; }
nav { padding: 9px 12px 5px; } nav span { padding: 3px 11px; } nav .open { color: #217346; font-weight: 700;
  border-bottom: 3px solid #217346; }
main { display: flex; margin: 0 8px; background: #fff; border-radius: 8px; box-shadow: 0 1px 4px #0003; }
section { padding: 10px 4px 5px; border-right: 1px solid #d8d6d4; display: flex; flex-direction: column; }
section:last-child { border: 0; } section > div { display: flex; flex: 1; }
section > footer { text-align: center; color: #605e5c; font-size: 12px; padding-top: 7px; }
.button { width: 84px; text-align: center; } .button i { display: block; width: 38px; height: 38px; line-height: 37px;
  margin: 0 auto 7px; border-radius: 8px; color: #fff; font: 700 20px/37px "Noto Sans CJK SC"; }
.menu::after { content: "▾"; font-size: 11px; display: block; line-height: 8px; color: #605e5c; }
</style>"""

TERMINAL_PAGE = """<!doctype html><meta charset="utf-8"><style>
body { margin: 0; background: #0c0c0c; color: #ddd; }
pre { margin: 14px 18px; font: 15px/24px "Noto Sans Mono CJK SC"; white-space: pre-wrap; }
b { color: #fff; } .错误 { color: #ff8a80; } .警告 { color: #ffd54f; }
</style><pre>%s</pre>"""


def ribbon(path: Path) -> str:
    """The tab as a web page: its groups, buttons and menus in the order of ribbon.xml."""
    tab = next(ElementTree.parse(path).iter(f"{UI}tab"))
    groups = []
    for group in tab:
        buttons = "".join(
            '<div class="button {}"><i style="background: {}">{}</i>{}</div>'.format(
                "menu" if control.tag == f"{UI}menu" else "",
                *ICONS[control.attrib["imageMso"]],
                control.attrib["label"],
            )
            for control in group
        )
        groups.append(f"<section><div>{buttons}</div><footer>{group.attrib['label']}</footer></section>")
    others = ("文件", "开始", tab.attrib["label"], "插入", "页面布局", "公式", "数据", "审阅", "视图")
    tabs = "".join(f'<span class="{"open" if name == tab.attrib["label"] else ""}">{name}</span>' for name in others)
    return f"{TAB_PAGE}<nav>{tabs}</nav><main>{''.join(groups)}</main>"


def terminal(folder: Path) -> str:
    """What ``check`` prints about the example: its errors and warnings, the first and the last of them."""
    command = [sys.executable, "-m", "xl_jifen", "check", DEMO]
    environment = os.environ | {"PYTHONPATH": str(ROOT), "PYTHONUTF8": "1"}
    done = subprocess.run(command, cwd=folder, capture_output=True, encoding="utf-8", env=environment, check=False)
    blocks = re.split(r"\n(?=\S)", done.stdout.strip())
    shown = [block for block in blocks if not block.startswith("提示")]
    lines = [f"&gt; <b>xl-jifen check {DEMO}</b>"]
    for block in (*shown[:CHECKED], "……", shown[-1]):
        lines.append(re.sub(r"^(错误|警告)", r'<span class="\1">\1</span>', html.escape(block)))
    return TERMINAL_PAGE % "\n".join(lines)


def browser(folder: Path, name: str, page: str, width: int, height: int) -> None:
    """A web page as a picture."""
    (folder / f"{name}.html").write_text(page, "utf-8")
    flags = "--headless --no-sandbox --disable-gpu --no-first-run --disable-background-networking --disable-sync"
    command = ["chromium", *flags.split(), "--hide-scrollbars", f"--user-data-dir={folder / 'browser'}"]
    command += [f"--window-size={width},{height}", f"--force-device-scale-factor={DPI / 96}"]
    command += [f"--screenshot={folder / name}.png", (folder / f"{name}.html").as_uri()]
    subprocess.run(command, check=True, capture_output=True)


def reduce(source: Path, target: Path) -> None:
    """A picture with few colours, which letters and charts do not need more of."""
    from PIL import Image

    with Image.open(source) as picture:
        few = picture.convert("RGB").quantize(COLORS, dither=Image.Dither.NONE)
        few.save(target, optimize=True)
    print(f"{target.relative_to(ROOT)}  {few.width}×{few.height}  {target.stat().st_size // 1024} KiB")


if __name__ == "__main__":
    main(sys.argv[1:])
