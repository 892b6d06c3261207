"""What people ask for (校验 核算 公示 归档 …), one module a verb; the doors call them and say what was done."""
