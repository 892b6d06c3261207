"""Workbooks: ``read`` bytes, ``patch`` a user's file, ``draw`` ours, ``fill`` our templates, the ``live`` book."""
