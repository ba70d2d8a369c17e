"""Pages of sub-accounts."""
