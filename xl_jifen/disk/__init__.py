"""This machine: files written safely, backups, what lies where beside a workbook, processes. Knows no Excel, no points."""
