"""The names that stand inside workbooks in use; what they name lives in ``xl_jifen.doors``."""
