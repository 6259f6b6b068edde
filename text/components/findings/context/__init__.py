"""What stands around a finding: denied, supposed, of somebody else, of the past, planned."""
