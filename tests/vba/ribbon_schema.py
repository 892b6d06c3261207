"""A strict check of a ribbon part against the Open XML SDK's schema data, which openxml-audit carries.

openxml-audit itself lets unknown attributes, missing and double ids and two images pass; Excel shows no tab then.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from importlib.resources import files
from typing import Any

from lxml import etree

NAMESPACES = {
    "http://schemas.microsoft.com/office/2009/07/customui": ("mso14", "2009_07"),
    "http://schemas.microsoft.com/office/2006/01/customui": ("mso", "2006_01"),
}
IDS = ("id", "idMso", "idQ")
IMAGES = ("image", "imageMso", "getImage")
TABS = {"TabHome", "TabInsert", "TabFormulas", "TabData", "TabReview", "TabView"}
KNOWN_IMAGES = {
    "CalculateNow",
    "DataValidation",
    "ErrorChecking",
    "FileNew",
    "FilePrintPreview",
    "FilePrintQuick",
    "FormulaEvaluate",
    "Help",
    "ReviewNewComment",
    "ReviewProtectWorkbook",
    "SortDialog",
}
"""Of Microsoft's published control names those we use; each is in the lists of Excel 2013 and of today."""


def problems(xml: bytes) -> list[str]:
    """What is wrong with a ribbon part, in words; nothing if it keeps the schema."""
    root = etree.fromstring(xml)
    namespace = etree.QName(root).namespace
    if namespace not in NAMESPACES:
        return [f"unknown namespace {namespace}"]
    prefix, version = NAMESPACES[namespace]
    data = files("openxml_audit") / "data/openxml/schemas" / f"schemas_microsoft_com_office_{version}_customui.json"
    types = {each["Name"]: each for each in json.loads(data.read_text("utf-8"))["Types"]}
    found = list(_element(root, f"{prefix}:CT_CustomUI/{prefix}:customUI", types, namespace))
    ids = [element.get("id") for element in root.iter(etree.Element) if element.get("id")]
    return found + [f"double id {each}" for each in sorted(set(ids)) if ids.count(each) > 1]


def _element(element: Any, type_name: str, types: dict[str, Any], namespace: str) -> Iterator[str]:
    kind = types[type_name]
    where = f"{etree.QName(element).localname} {element.get('id', '')}".strip()
    known = {each["QName"].lstrip(":") for each in kind.get("Attributes", ())}
    for attribute in element.attrib:
        if attribute not in known:
            yield f"{where}: unknown attribute {attribute}"
    if known.intersection(IDS) and sum(each in element.attrib for each in IDS) != 1:
        yield f"{where}: needs one of {', '.join(IDS)}"
    if sum(each in element.attrib for each in IMAGES) > 1:
        yield f"{where}: more than one image"
    if element.get("imageMso", "Help") not in KNOWN_IMAGES:
        yield f"{where}: unknown image {element.get('imageMso')}"
    if element.get("insertAfterMso", "TabHome") not in TABS:
        yield f"{where}: unknown tab {element.get('insertAfterMso')}"
    for name, longest in (("label", 1024), ("screentip", 1024), ("supertip", 1024)):
        if len(element.get(name, "")) > longest:
            yield f"{where}: {name} longer than {longest}"
    children = dict(_children(kind.get("Particle", {})))
    for child in element.iterchildren(etree.Element):
        name = etree.QName(child)
        if name.namespace != namespace or name.localname not in children:
            yield f"{where}: no place for {name.localname}"
        else:
            yield from _element(child, children[name.localname], types, namespace)


def _children(particle: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Element name and type of every child the particle allows."""
    if "Name" in particle:
        yield particle["Name"].split("/")[-1].split(":")[1], particle["Name"]
    for each in particle.get("Items", ()):
        yield from _children(each)
