"""Ray and Slurm on this machine: what they cost and bring, and whether results are the same."""
