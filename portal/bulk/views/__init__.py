"""Pages of jobs: the list, one job with its live progress, and what can be done to it."""
