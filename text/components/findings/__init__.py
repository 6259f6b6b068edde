"""`hich_findings`: values with certainty and evidence."""
