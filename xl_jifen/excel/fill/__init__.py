"""Our own templates and the master workbook, filled."""
