"""project.yml's two steps that are never skipped, and what tells its other steps to run again."""
