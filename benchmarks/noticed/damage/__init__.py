"""What is done to scans: their values, and where their voxels lie."""
