"""What ``typing`` is asked for, at a fraction of its price: importing it takes longer than reading a small workbook.

For type checkers these are the names of ``typing``. At run time a record is a named tuple whose annotations nobody
evaluates or compiles, and names that only annotations use mean nothing.
"""

from __future__ import annotations

from collections import namedtuple
from types import GenericAlias

new_record = tuple.__new__
"""Makes a record of all its fields in order, in half the time."""

TYPE_CHECKING = False  # checkers take any name of this spelling for true

if TYPE_CHECKING:
    from typing import Any as Any
    from typing import Final as Final
    from typing import Literal as Literal
    from typing import NamedTuple as NamedTuple
    from typing import NoReturn as NoReturn
    from typing import Protocol as Protocol
    from typing import TextIO as TextIO
    from typing import TypeAlias as TypeAlias
    from typing import TypeVar as TypeVar
else:

    class _Record(type):
        def __new__(cls, name, bases, body):
            """A class of tuples with methods, as its body describes them."""
            if not bases:
                return type.__new__(cls, name, bases, body)
            fields = body.get("__annotations__", ())
            defaults = [body.pop(field) for field in fields if field in body]
            base = namedtuple(name, fields, defaults=defaults, module=body["__module__"])
            return type(name, (base,), {"__slots__": (), **body})

    class NamedTuple(metaclass=_Record):
        """See ``typing``."""

    class _Unasked:
        def __init__(self, *_): ...

        __class_getitem__ = classmethod(GenericAlias)

    Any = Final = Literal = NoReturn = Protocol = TextIO = TypeAlias = TypeVar = _Unasked
