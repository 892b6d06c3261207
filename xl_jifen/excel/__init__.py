"""Closed workbooks: reading, lossless writing, filling our own templates. Decides nothing about points."""
