"""Rate permits on an injected clock: 10,000 calls against a model of the service's strict sliding window.

Run: python -m benchmarks.permits_clock [calls]. No time passes, so the machine's load does not matter. The share is the
time the calls need at the permitted rate, divided by the time they took. Goals: without jitter at least 0.99 and no
refusal; with 50 ms to either side at least 0.95 and at most one refusal in 1,000. Where a call takes longer than its
slot's period, its answer comes too late to tell the next one anything, and the goals do not apply.
"""

import sys

from tests.zoomapi.client.permits.test_share import run
from zoomapi.spec.limits import BILLING, GENERAL

LATENCIES = (0.11, 0.2, 1.0, 2.0)
JITTERS = (0.0, 0.025, 0.05)


def main(calls: int) -> None:
    print("| Class | Latency | Jitter | Share | Refused |\n|---|---|---|---|---|")
    for rate in (GENERAL, BILLING):
        for latency in LATENCIES:
            for jitter in JITTERS:
                share, refused = run(calls, latency, jitter, rate)
                row = (rate, f"{latency * 1000:,.0f} ms", f"±{jitter * 1000:.0f} ms", f"{share:.4f}", refused)
                print(f"| {' | '.join(map(str, row))} |", flush=True)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 10_000)
