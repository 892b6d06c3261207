"""Worksheet functions of every shape the wrappers know, for the comparison with xlwings' own generator."""

import xlwings as xw


@xw.func(category="党员积分", call_in_wizard=False)
@xw.arg("rows", ndim=2, doc="登记的行。")
@xw.arg("rules", ndim=2, doc="“积分规则”表。")
@xw.arg("limit", doc="最多几条，可不填。")
def JF_SAMPLE(rows, rules, limit=10):
    """逐行核对。

    Not part of the help.
    """
    return [[len(rows), len(rules), limit]]


@xw.func(volatile=True)
def JF_AGAIN():
    """每次都算。"""
    return 1


def not_a_worksheet_function():
    return None
