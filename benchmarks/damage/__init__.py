"""What `benchmarks/alarms.py` does to scans: their values, and where their voxels lie.

`alarms.py` puts this folder's parent on the path, as Python does for every script it runs.
"""
