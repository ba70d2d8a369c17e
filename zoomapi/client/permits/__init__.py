"""Permits shared by threads (memory), by processes on one database (SQL), or by machines (Redis)."""

from zoomapi.client.permits.base import Lane, Permit, Permits, Standing
from zoomapi.client.permits.memory import MemoryPermits, Unlimited
from zoomapi.client.permits.quotas import MemoryQuotas, QuotaStore

__all__ = ["Lane", "MemoryPermits", "MemoryQuotas", "Permit", "Permits", "QuotaStore", "Standing", "Unlimited"]
