"""The contenders of `benchmarks/peers.py`: how each is trained, used and scored.

`peers.py` puts this folder's parent on the path, as Python does for every script it runs.
"""
