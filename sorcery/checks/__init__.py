"""Rules over whole systems, in a table: what each finds, why that is a fault, and how it is mended."""
