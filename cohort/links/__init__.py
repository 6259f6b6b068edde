"""Cases that belong together: one patient's, the same scan, the same record."""
