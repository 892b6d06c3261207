"""Bytes of a closed workbook or of an export become grids; nothing is written here."""
