"""Head CT: export to PNG, train, evaluate, predict, measure."""

import os

# Must be set before torch is loaded. Its threads wait for each other in a busy loop, which makes
# training ten times slower as soon as another program needs a core; after a short one they sleep.
os.environ.setdefault("GOMP_SPINCOUNT", "1000")
