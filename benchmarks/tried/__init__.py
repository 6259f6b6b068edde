"""Ways to train that `benchmarks/settings.py` compares, and that the product doesn't have."""
