"""Clinical scores put together from CT and record; for research, no advice."""
