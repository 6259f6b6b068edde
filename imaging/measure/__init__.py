"""Measurements on masks: volumes, site, midline shift, ventricles."""
