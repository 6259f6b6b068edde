"""What brings the most by CPU-second of training, beside other programs."""
