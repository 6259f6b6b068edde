"""What is written of a scan: what was measured, and how far off that may be."""
