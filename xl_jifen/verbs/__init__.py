"""What people ask for (校验 核算 公示 归档 …), one module a verb; the doors call them and say what was done.

A module is read when it is first named (``verbs.close``), so that a door imports the verbs and a command its own alone.
"""

from __future__ import annotations

from importlib import import_module

from xl_jifen.typed import TYPE_CHECKING

if TYPE_CHECKING:
    from xl_jifen.verbs import close as close
    from xl_jifen.verbs import done as done
    from xl_jifen.verbs import guarded as guarded
    from xl_jifen.verbs import import_ as import_
    from xl_jifen.verbs import printing as printing
    from xl_jifen.verbs import publish as publish
    from xl_jifen.verbs import quarter as quarter
    from xl_jifen.verbs import upgrade as upgrade
    from xl_jifen.verbs import verify as verify
    from xl_jifen.verbs import yearend as yearend
else:

    def __getattr__(name: str) -> object:
        if name.startswith("_"):
            raise AttributeError(name)
        return import_module(f"{__name__}.{name}")
