SELECT lane, reasons FROM recommendations
