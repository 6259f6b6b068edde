"""Hospitals' files found, matched and read, to make a cohort of them."""
