"""What tends to follow: outcomes, forecasts, their reasons and their measured worth."""

import os

# A few thousand rows gain nothing from more threads a process, and lose much where they wait for a busy processor.
# scikit-learn reads this when it is first imported.
os.environ.setdefault("OMP_NUM_THREADS", "1")
