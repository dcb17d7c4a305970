"""Statistical models: outcomes, training, forecasts, reasons, evaluation and registry."""

import os

# A few thousand rows gain nothing from more threads per process, and lose much when threads wait for a busy processor.
# scikit-learn reads this when it is first imported.
os.environ.setdefault("OMP_NUM_THREADS", "1")
