"""`hich push`: share results of this project with colleagues."""
