"""Arrays in space: NIfTI and tensor files, their affines and values."""
