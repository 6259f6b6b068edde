"""Pages for a browser: one frame, one theme, and charts; what a page says is its own affair."""
