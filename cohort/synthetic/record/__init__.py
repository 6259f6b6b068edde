"""A generated patient's medical record, with its tags."""
