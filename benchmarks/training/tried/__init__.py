"""Ways to train that `settings.py` compares, and that the product doesn't have."""
