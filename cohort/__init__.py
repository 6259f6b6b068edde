"""Ground floor: what a case is. Import, synthesize, check and split cohorts of CT and records."""

from cohort.base.interrupt import end_at_once_by_interrupt

end_at_once_by_interrupt()
