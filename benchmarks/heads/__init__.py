"""Real and generated heads side by side: what `benchmarks/realism.py` measures."""
