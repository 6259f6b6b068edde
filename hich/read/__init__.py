"""Many patients without a label: scans and notes go in, a report and one table come out."""
