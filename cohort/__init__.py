"""Ground floor: what a case is. Import, synthesize, check and split cohorts of CT and records."""
