"""The folders beside a workbook in which its archives and publications lie."""

ARCHIVES = "归档"
"""Archived quarters lie in this folder beside the workbook."""

NOTICES = "公示"
"""Published sheets lie in ``公示/2026年第三季度/`` beside the workbook."""
