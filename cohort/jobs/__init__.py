"""Commands on cohorts as jobs: work on many cases that any machine can do."""
