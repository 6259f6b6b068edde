"""Real and generated heads side by side: what `realism.py` measures."""
