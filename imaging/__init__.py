"""Head CT: export to PNG, train, evaluate, predict, measure.

Shapes are given in brackets: X, Y, Z are axes of a volume in LPS, I, J, K those of a file as it
stores them, N a batch, and S the structures of `cohort.facts.structures`.
"""

from cohort.base.interrupt import end_at_once_by_interrupt

end_at_once_by_interrupt()
