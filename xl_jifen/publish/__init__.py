"""Publications (公示): a ledger becomes a Page of words, rows and columns. Knows no font, file or workbook."""
