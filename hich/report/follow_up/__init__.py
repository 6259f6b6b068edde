"""Two or more scans of one patient: growth, or what surgery left, and the record's 复查."""
