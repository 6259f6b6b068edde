"""One patient: a scan and a note go in, a page comes out."""
