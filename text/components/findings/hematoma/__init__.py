"""The words of a bleed: where it is mentioned, its sites, volumes and diameters."""
