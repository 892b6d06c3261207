"""What ``recalc`` writes into the workbook: the cells right of ‖ and the four owned sheets, as values."""
