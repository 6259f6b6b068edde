"""Generated blood: where it lies, its shape, and how it looks."""
