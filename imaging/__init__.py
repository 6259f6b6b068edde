"""Head CT: export to PNG, train, evaluate, predict, measure."""

import os

# Must be set before torch is loaded. Threads that wait for each other in turns, as OpenMP's do
# by default, make training ten times slower as soon as another program uses a core as well.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
