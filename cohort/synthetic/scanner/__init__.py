"""What a scanner makes of a head: kernel, noise, artefacts, headrest."""
