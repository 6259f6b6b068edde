"""A generated head's parts: skull, brain, ventricles, membranes, old damage."""
