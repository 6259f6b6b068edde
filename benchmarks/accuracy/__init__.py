"""How right results are: measurements, volumes, scores on real scans, annotation itself."""
