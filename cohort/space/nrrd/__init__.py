"""NRRD files, and 3D Slicer's segmentations in them.

Read and written by this project's own code, in place of pynrrd (1.1): that drops all characters
that are not ASCII, so the Chinese names of segments; unpacks whatever is packed, however much that
is; and opens any file of the machine that a header names.

The format: teem.sourceforge.net/nrrd/format.html
"""
