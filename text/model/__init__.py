"""A trained pipeline, loaded; the device it computes on."""
