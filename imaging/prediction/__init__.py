"""From one scan to masks, measurements, picture and table."""
