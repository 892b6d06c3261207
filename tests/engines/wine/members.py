"""The part of Excel's object model that the product and xlwings ask for: names, DISPIDs, kinds, and the IDL of it.

GUIDs and DISPIDs are those of Excel's own type library (1.9). A member: name, dispid, kind, result, arguments; kind g
is read, gp read and put, m a method; an argument that ends in ``?`` may be left out. A member that is not here fails,
and none is here that Excel has not: ``problems`` holds them against the table of its members (excel.txt, table.py).
"""

import re
from pathlib import Path

LIBRARY = "{00020813-0000-0000-C000-000000000046}"
CLSID = "{00024500-0000-0000-C000-000000000046}"
BOOL, LONG, TEXT, ANY = "VARIANT_BOOL", "long", "BSTR", "VARIANT"
NEW_ENUM = -4
"""DISPID_NEWENUM, by which all collections of Excel are gone through; the table of members leaves it out."""

COMMON = (("Application", 0x94, "g", "_Application", ""), ("Parent", 0x96, "g", "IDispatch", ""))
INTERFACES = {
    "_Application": (
        "000208D5",
        ("_Default", 0, "g", TEXT, ""),
        ("Name", 0x6E, "g", TEXT, ""),
        ("Version", 0x188, "g", TEXT, ""),
        ("Hwnd", 0x79E, "g", LONG, ""),
        ("Ready", 0x78C, "g", BOOL, ""),
        ("Workbooks", 0x23C, "g", "Workbooks", ""),
        ("Selection", 0x93, "g", "IDispatch", ""),
        ("ScreenUpdating", 0x17E, "gp", BOOL, ""),
        ("DisplayAlerts", 0x157, "gp", BOOL, ""),
        ("EnableEvents", 0x4BC, "gp", BOOL, ""),
        ("Visible", 0x22E, "gp", BOOL, ""),
        ("Calculation", 0x13C, "gp", LONG, ""),
        ("Calculate", 0x117, "m", "void", ""),
        ("Quit", 0x12E, "m", "void", ""),
        ("Run", 0x103, "m", ANY, "Macro?,Arg1?,Arg2?,Arg3?,Arg4?"),
        ("GetOpenFilename", 0x433, "m", ANY, "FileFilter?,FilterIndex?,Title?"),
        ("InputBox", 0x165, "m", ANY, "Prompt,Title?,Default?"),
    ),
    "Workbooks": (
        "000208DB",
        ("_Default", 0, "g", "_Workbook", "Index"),
        ("Item", 0xAA, "g", "_Workbook", "Index"),
        ("Count", 0x76, "g", LONG, ""),
        ("Add", 0xB5, "m", "_Workbook", "Template?"),
    ),
    "_Workbook": (
        "000208DA",
        ("Name", 0x6E, "g", TEXT, ""),
        ("FullName", 0x121, "g", TEXT, ""),
        ("Path", 0x123, "g", TEXT, ""),
        ("Saved", 0x12A, "gp", BOOL, ""),
        ("Worksheets", 0x1EE, "g", "Sheets", ""),
        ("ActiveSheet", 0x133, "g", "IDispatch", ""),
        ("ProtectStructure", 0x24C, "g", BOOL, ""),
        ("Date1904", 0x193, "gp", BOOL, ""),
        ("SaveCopyAs", 0xAF, "m", "void", "Filename?"),
    ),
    "Sheets": (
        "000208D7",
        ("_Default", 0, "g", "IDispatch", "Index"),
        ("Item", 0xAA, "g", "IDispatch", "Index"),
        ("Count", 0x76, "g", LONG, ""),
        ("Add", 0xB5, "m", "IDispatch", "Before?,After?"),
        ("_NewEnum", NEW_ENUM, "g", "IUnknown", ""),
    ),
    "_Worksheet": (
        "000208D8",
        ("Name", 0x6E, "gp", TEXT, ""),
        ("Index", 0x1E6, "g", LONG, ""),
        ("Visible", 0x22E, "gp", LONG, ""),
        ("Cells", 0xEE, "g", "Range", ""),
        ("Range", 0xC5, "g", "Range", "Cell1,Cell2?"),
        ("UsedRange", 0x19C, "g", "Range", ""),
        ("ProtectContents", 0x124, "g", BOOL, ""),
        ("FilterMode", 0x320, "g", BOOL, ""),
        ("AutoFilterMode", 0x318, "gp", BOOL, ""),
        ("ShowAllData", 0x31A, "m", "void", ""),
        ("Hyperlinks", 0x571, "g", "Hyperlinks", ""),
        ("ChartObjects", 0x424, "m", "ChartObjects", "Index?"),
        ("Activate", 0x130, "m", "void", ""),
        ("Delete", 0x75, "m", "void", ""),
    ),
    "Range": (
        "00020846",
        ("Value", 6, "gp", ANY, "RangeValueDataType?"),
        ("Value2", 0x56C, "gp", ANY, ""),
        ("Formula", 0x105, "gp", ANY, ""),
        ("NumberFormat", 0xC1, "gp", ANY, ""),
        ("Address", 0xEC, "g", TEXT, "RowAbsolute?,ColumnAbsolute?,ReferenceStyle?,External?,RelativeTo?"),
        ("Row", 0x101, "g", LONG, ""),
        ("Column", 0xF0, "g", LONG, ""),
        ("Rows", 0x102, "g", "Range", ""),
        ("Columns", 0xF1, "g", "Range", ""),
        ("Count", 0x76, "g", LONG, ""),
        ("Worksheet", 0x15C, "g", "_Worksheet", ""),
        ("MergeCells", 0xD0, "gp", ANY, ""),
        ("MergeArea", 0x239, "g", "Range", ""),
        ("Font", 0x92, "g", "Font", ""),
        ("Interior", 0x81, "g", "Interior", ""),
        ("ColumnWidth", 0xF2, "gp", ANY, ""),
        ("RowHeight", 0x110, "gp", ANY, ""),
        ("WrapText", 0x114, "gp", ANY, ""),
        ("VerticalAlignment", 0x89, "gp", ANY, ""),
        ("HorizontalAlignment", 0x88, "gp", ANY, ""),
        ("AutoFit", 0xED, "m", ANY, ""),
        ("AutoFilter", 0x319, "m", ANY, "Field?,Criteria1?"),
        ("Clear", 0x6F, "m", ANY, ""),
    ),
    "Font": ("0002084D", ("Bold", 0x60, "gp", ANY, ""), ("Color", 0x63, "gp", ANY, ""), ("Size", 0x68, "gp", ANY, "")),
    "Interior": ("00020870", ("Color", 0x63, "gp", ANY, "")),
    "Hyperlinks": ("00024430", ("Delete", 0x75, "m", "void", "")),
    "ChartObjects": ("000208D0", ("Count", 0x76, "g", LONG, "")),
    "Window": ("00020893",),
}


def guid(stem: str) -> str:
    return f"{{{stem}-0000-0000-C000-000000000046}}"


def members(name: str) -> tuple[tuple[str, int, str, str, str], ...]:
    """Those of an interface, with the ones every object of Excel has."""
    return COMMON + INTERFACES[name][1:]


def table() -> dict[str, dict[str, str]]:
    """What Excel has: by interface its members by name, each as it stands in excel.txt."""
    found = {}
    for line in (Path(__file__).parent / "excel.txt").read_text("ascii").splitlines()[1:]:
        name, _, listed = line.partition(": ")
        found[name] = {re.split(r"[=(]", each)[0]: each for each in listed.split()}
    return found


def problems() -> list[str]:
    """Members that Excel does not have, or has with other arguments, or does not let be put."""
    known, found = table(), []
    for interface in INTERFACES:
        of = known[interface.lstrip("_")]
        for member, dispid, kind, _, arguments in members(interface):
            entry = of.get(member)
            if dispid == NEW_ENUM:
                continue
            if entry is None:
                found.append(f"{interface}.{member}: Excel has none")
                continue
            names = re.findall(r"\w+", entry.partition("(")[2])
            wanted = re.findall(r"\w+", arguments)
            if "(" in entry and wanted != names[: len(wanted)]:
                found.append(f"{interface}.{member}: its arguments are {entry}")
            if kind == "gp" and not entry.endswith(("=", ")")):
                found.append(f"{interface}.{member}: read only")
    return found


def idl() -> str:
    """The type library as text, for ``widl -t``."""
    objects = {*INTERFACES, "IDispatch", "IUnknown"}
    lines = [
        'import "oaidl.idl";',
        f'[uuid({LIBRARY[1:-1]}), version(1.9), helpstring("Stand-in for Microsoft Excel")]',
        "library Excel",
        "{",
        'importlib("stdole2.tlb");',
        *(f"dispinterface {name};" for name in INTERFACES),
    ]
    for name, (stem, *_) in INTERFACES.items():
        lines += [f"[uuid({guid(stem)[1:-1]})]", f"dispinterface {name}", "{", "properties:", "methods:"]
        for member, dispid, kind, result, arguments in members(name):
            names = [each for each in arguments.split(",") if each]
            given = [f"[in{', optional' if each[-1] == '?' else ''}] VARIANT {each.rstrip('?')}" for each in names]
            returned = f"{result}*" if result in objects else result
            how = (
                f"id({dispid})"
                if kind == "m"
                else f"id({dispid}){', restricted' if dispid == NEW_ENUM else ''}, propget"
            )
            lines.append(f"[{how}] {returned} {member}({', '.join(given)});")
            if kind == "gp":
                put = ", ".join([*given, f"[in] {returned} rhs"])
                lines.append(f"[id({dispid}), propput] void {member}({put});")
        lines.append("};")
    lines += [f"[uuid({CLSID[1:-1]})]", "coclass Application { [default] dispinterface _Application; };", "};"]
    return "\n".join(lines) + "\n"
