"""Medical records: convert to DocBin, annotate. Training and scoring are spaCy's own commands."""

from cohort.base.interrupt import end_at_once_by_interrupt

end_at_once_by_interrupt()
