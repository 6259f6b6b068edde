"""Facts of the domain, each once: structures, limits in Hounsfield units."""
