"""What every room uses: errors, files, the shell around a command, processes, texts, faults."""
