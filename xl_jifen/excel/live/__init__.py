"""The workbook that is open in Excel, through xlwings; nothing else may know xlwings but the functions."""
