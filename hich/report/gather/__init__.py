"""What a report needs of cohort, predictions, metrics and training, read and checked."""
