"""Permits in a Redis or Valkey server, for many machines: each step is one script, on the server's own clock.

Day counts do not belong here: what the server loses only costs speed, and a lost day count costs the day. They come
as a ``QuotaStore``.
"""

from collections.abc import Callable
from typing import Any

import redis

from zoomapi.client.errors import NoPermit
from zoomapi.client.permits.base import (
    EARLY,
    HELD_NAP,
    LEASE,
    LONGEST_HOLD,
    NARROWING,
    PRESENCE,
    WIDEST,
    Busy,
    Grant,
    Lane,
    Stamp,
    Standing,
    reserve,
)
from zoomapi.client.permits.quotas import QuotaStore
from zoomapi.client.permits.slots import SlotPermits
from zoomapi.spec.limits import RateClass

ALL_HELD = -2  # the answer of _TAKE in place of a slot
KEEP = 3600  # seconds an unused key stays

# One hash per credential and class: paused, margin, margin_at, person; and for each slot n: f<n> free at, h<n> holder,
# l<n> end of the lease. Numbers travel as text, since Lua's would be cut to integers.
_HEAD = """
local key, now = KEYS[1], tonumber(ARGV[1])
if now < 0 then local t = redis.call('TIME'); now = tonumber(t[1]) + tonumber(t[2]) / 1000000 end
local calls, period, least = tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])
local longest, ahead = tonumber(ARGV[7]), tonumber(ARGV[8])
local function get(name, default) return tonumber(redis.call('HGET', key, name) or '') or default end
local function put(name, value) redis.call('HSET', key, name, string.format('%.6f', value)) end
local function margin()
  local since = math.max(now - get('margin_at', now), 0)
  return math.max(least, get('margin', least) - since * tonumber(ARGV[5]))
end
-- What lies further ahead than any rule puts it was written before the clock was set back.
local function paused()
  local left = get('paused', 0) - now
  if left > longest then return 0 end
  return math.max(left, 0)
end
local function wait_of(n)
  local left = get('f' .. n, 0) - now
  if left > ahead then return period end
  return math.max(left, 0)
end
redis.call('EXPIRE', key, tonumber(ARGV[6]))
"""

_TAKE = """
local holder, within, lease = ARGV[9], tonumber(ARGV[10]), tonumber(ARGV[11])
local kept, presence, person = tonumber(ARGV[12]), tonumber(ARGV[13]), ARGV[14] == '1'
-- A server that has just been started may have lost what departed before: nobody departs in its first second.
if tonumber(ARGV[1]) < 0 and redis.call('EXISTS', key) == 0 then
  local up = tonumber(string.match(redis.call('INFO', 'server'), 'uptime_in_seconds:(%d+)') or '') or 60
  local quiet = math.min(period, 1) + 1 - up
  if quiet > 0 then put('paused', now + quiet) end
end
if person then put('person', now) end
if paused() > 0 then return {-1, string.format('%.6f', paused())} end
local seen = get('person', -presence)
if person or seen <= now - presence or seen > now + 1 then kept = 0 end
local best, best_wait, held_wait = -1, 0, math.huge
for n = kept, calls - 1 do
  local held = redis.call('HGET', key, 'h' .. n)
  held_wait = math.min(held_wait, wait_of(n))
  local lease_until = get('l' .. n, 0)
  if not held or held == '' or lease_until < now or lease_until > now + ahead + lease then
    local wait = wait_of(n)
    if best < 0 or wait < best_wait then best, best_wait = n, wait end
  end
end
if best < 0 then return {-2, string.format('%.6f', math.max(held_wait, tonumber(ARGV[15])))} end
if best_wait > within then return {-1, string.format('%.6f', best_wait)} end
redis.call('HSET', key, 'h' .. best, holder)
put('l' .. best, now + best_wait + lease)
redis.call('EXPIRE', key, tonumber(ARGV[6]))
return {best, string.format('%.6f', best_wait), string.format('%.6f', get('f' .. best, 0))}
"""

_DEPART = """
local slot, holder, early = ARGV[9], ARGV[10], tonumber(ARGV[11])
if redis.call('HGET', key, 'h' .. slot) ~= holder then return {} end
if paused() <= 0 and wait_of(slot) > early then return {string.format('%.6f', wait_of(slot))} end
redis.call('HSET', key, 'h' .. slot, '')
if paused() > 0 then return {} end
local free_at = string.format('%.6f', now + period + margin())
redis.call('HSET', key, 'f' .. slot, free_at)
return {free_at, string.format('%.6f', margin())}
"""

_DUE = """
if redis.call('HGET', key, 'h' .. ARGV[9]) ~= ARGV[10] or paused() > 0 then return {} end
return {string.format('%.6f', wait_of(ARGV[9]))}
"""

_SHIFT = """
local slot, stamped = ARGV[9], ARGV[10]
if redis.call('HGET', key, 'f' .. slot) == stamped then put('f' .. slot, tonumber(ARGV[11])) end
return 1
"""

# Also t<n>: how long the slot's latest call took, in front of its kind.
_COMPARE = """
if redis.call('EXISTS', key) == 0 then return {} end -- a server started anew: to write would hide that from _TAKE
redis.call('HSET', key, 't' .. ARGV[9], ARGV[11] .. ' ' .. ARGV[10])
local found = {}
for n = 0, calls - 1 do
  local took, kind = string.match(redis.call('HGET', key, 't' .. n) or '', '^(%S+) (.*)$')
  if kind == ARGV[10] then found[#found + 1] = took end
end
return found
"""

_RELEASE = """
local slot, holder = ARGV[9], ARGV[10]
if redis.call('HGET', key, 'h' .. slot) == holder then redis.call('HSET', key, 'h' .. slot, '') end
return 1
"""

_HOLD = """
local seconds, factor, step, widest = tonumber(ARGV[9]), tonumber(ARGV[10]), tonumber(ARGV[11]), tonumber(ARGV[12])
local left = paused()
if left <= 0 then
  put('margin', math.min(factor * (period + margin()) - period + step, widest))
  put('margin_at', now)
end
put('paused', now + math.max(left, seconds))
redis.call('EXPIRE', key, tonumber(ARGV[6]))
return 1
"""


_STANDING = """
local busy = 0
for n = 0, calls - 1 do
  local held = redis.call('HGET', key, 'h' .. n)
  local lease_until = get('l' .. n, 0)
  local taken = held and held ~= '' and lease_until >= now
  if wait_of(n) > 0 or taken then busy = busy + 1 end
end
return {busy, string.format('%.6f', paused()), string.format('%.6f', margin())}
"""


class RedisPermits(SlotPermits):
    """Permits of a server. ``server``: a redis-py client. ``clock`` replaces the server's own, for tests."""

    def __init__(
        self,
        server: "redis.Redis",
        quotas: QuotaStore | None,
        *,
        clock: Callable[[], float] | None = None,
        prefix: str = "zoom:permits",
        **options: Any,
    ) -> None:
        super().__init__(quotas, **options)
        self._clock, self._prefix = clock, prefix
        self._scripts = {
            text: server.register_script(_HEAD + text)
            for text in (_TAKE, _DEPART, _DUE, _SHIFT, _COMPARE, _RELEASE, _HOLD, _STANDING)
        }

    def attempt(self, credential: str, rate: RateClass, lane: Lane, within: float, holder: str) -> Grant | Busy:
        person = lane is Lane.INTERACTIVE
        arguments = (holder, within, LEASE, reserve(rate), PRESENCE, int(person), HELD_NAP)
        slot, wait, *free_at = self._run(_TAKE, credential, rate, *arguments)
        if int(slot) >= 0:
            return Grant(int(slot), holder, float(wait), float(free_at[0]))
        return Busy(float(wait), held=int(slot) == ALL_HELD)

    def depart(self, credential: str, rate: RateClass, grant: Grant) -> Stamp | Busy | None:
        found = [float(number) for number in self._run(_DEPART, credential, rate, grant.slot, grant.holder, EARLY)]
        if len(found) == 1:
            return Busy(found[0])
        return Stamp(*found) if found else None

    def due_in(self, credential: str, rate: RateClass, grant: Grant) -> float | None:
        found = self._run(_DUE, credential, rate, grant.slot, grant.holder)
        return float(found[0]) if found else None

    def shift(self, credential: str, rate: RateClass, grant: Grant, stamped: float, free_at: float) -> None:
        self._run(_SHIFT, credential, rate, grant.slot, f"{stamped:.6f}", f"{free_at:.6f}")

    def compare(self, credential: str, rate: RateClass, grant: Grant, kind: str, took: float) -> list[float]:
        return [float(number) for number in self._run(_COMPARE, credential, rate, grant.slot, kind, took)]

    def standing(self, credential: str, rate: RateClass) -> Standing:
        busy, paused, margin = self._run(_STANDING, credential, rate)
        return Standing(int(busy), float(paused), float(margin))

    def release(self, credential: str, rate: RateClass, grant: Grant) -> None:
        self._run(_RELEASE, credential, rate, grant.slot, grant.holder)

    def hold(self, credential: str, rate: RateClass, seconds: float, factor: float, step: float) -> None:
        self._run(_HOLD, credential, rate, seconds, factor, step, WIDEST * rate.period)

    def _run(self, script: str, credential: str, rate: RateClass, *arguments: Any) -> Any:
        now = self._clock() if self._clock is not None else -1
        narrowing, ahead = NARROWING * rate.period, rate.period * (1 + WIDEST) + 1
        common = (now, rate.calls, rate.period, self.allowance(credential, rate), narrowing, KEEP, LONGEST_HOLD, ahead)
        try:
            return self._scripts[script](keys=[f"{self._prefix}:{credential}:{rate.name}"], args=[*common, *arguments])
        except redis.RedisError as problem:
            raise NoPermit(
                "The rate limit could not be asked: its server did not answer. Nothing was sent. Try again shortly.",
                wait=1.0,
            ) from problem
