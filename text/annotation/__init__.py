"""Annotating many records: what is written of them, and how parts of them are done anywhere."""
