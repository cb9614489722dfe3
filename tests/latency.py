"""How long after the end of a stroke the bars have changed: `python -m tests.latency [ADDRESS]`."""

from __future__ import annotations

import statistics
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Page

from tests.drawings import STROKES
from tests.e2e.browser import DESKTOP, chromium, draw, settle, visit
from tests.serving import serving

DRAWN = 12  # characters a round
WATCH = """() => {
  window.delays = []
  let lifted = null
  const answer = document.querySelector('#answer [data-turn]')
  document.addEventListener('pointerup', () => { lifted = performance.now() })
  new MutationObserver(() => {
    const turn = document.querySelector('#pad [data-turn]').dataset.turn
    if (lifted === null || answer.dataset.turn !== turn) return
    const from = lifted
    lifted = null
    requestAnimationFrame(() => setTimeout(() => window.delays.push(performance.now() - from)))
  }).observe(answer, {attributes: true, attributeFilter: ['data-turn']})
}"""


def measure(page: Page) -> list[float]:
    """Return the delays in ms from the end of each stroke to the painted answer."""
    page.evaluate(WATCH)
    for character in list(STROKES)[:DRAWN] * 2:
        for stroke in STROKES[character]:
            draw(page, [stroke])
            settle(page)
            page.wait_for_timeout(150)
        page.click("[data-do=clear]")
        settle(page)
    delays: list[float] = page.evaluate("window.delays")
    return delays


def main() -> None:
    """Print the table."""
    with tempfile.TemporaryDirectory() as folder, chromium() as browser:
        if len(sys.argv) > 1:
            delays = measure(visit(browser, sys.argv[1], **DESKTOP))
        else:
            with serving(Path(folder)) as address:
                delays = measure(visit(browser, address, **DESKTOP))
    cuts = statistics.quantiles(delays, n=100)
    print(f"strokes {len(delays)}   p50 {cuts[49]:.0f} ms   p95 {cuts[94]:.0f} ms   worst {max(delays):.0f} ms")


if __name__ == "__main__":
    main()
