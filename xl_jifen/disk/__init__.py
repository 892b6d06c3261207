"""Files and folders: safe writing, backups, what lies where beside a workbook. Knows no Excel and no points."""
