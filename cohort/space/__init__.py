"""Arrays in space: files of every type, their affines and values, and pieces of masks."""
