"""The machine: files written safely, what lies where beside a workbook, processes. Knows no Excel and no points."""
