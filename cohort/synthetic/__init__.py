"""The generated cohort: a story, the head CT that shows it and the record that tells it."""
