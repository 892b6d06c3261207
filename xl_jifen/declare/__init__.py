"""Members' declarations (申报), collected by other tools: what they say, and the rows of month sheets they propose."""
