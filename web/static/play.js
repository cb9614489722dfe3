// Draws by itself, stroke by stroke, as a hand would: an example, or the pale letter of an empty sheet.

import { still } from './dom.js'
import { even, PENS } from './ink.js'
import { amend, enter } from './sheet.js'
import { changed, kept } from './state.js'

/** @import {Stroke} from './types.js' */
/** @import {PageStore} from './state.js' */

/**
 * @param {Stroke[]} strokes
 * @param {number} count
 * @returns {Stroke[]} the first `count` points of them
 */
export function partOf(strokes, count) {
  /** @type {Stroke[]} */
  const part = []
  for (const stroke of strokes) {
    if (count <= 0) break
    part.push(stroke.slice(0, count))
    count -= stroke.length
  }
  return part
}

/** @param {PageStore} store */
export function createPlayer(store) {
  let frame = 0

  function stop() {
    if (frame) store.set({ moving: false })
    cancelAnimationFrame(frame)
    frame = 0
  }

  /** @param {Stroke[]} strokes replaces what is on the sheet, as one step */
  function play(strokes) {
    stop()
    const total = strokes.reduce((sum, { length }) => sum + length, 0)
    const whole = still() ? 1 : Math.min(1100, 400 + 350 * strokes.length) // ms that the whole drawing takes
    const start = performance.now()
    let first = true
    let mine = 0
    store.set(kept(store.get()))
    const step = (/** @type {number} */ now) => {
      const due = Math.min(total, Math.max(1, Math.ceil(((now - start) / whole) * total)))
      const ink = partOf(strokes, due).map((points) => even(points, PENS.medium))
      const { past, version } = store.get()
      if (!first && version !== mine) return stop() // something else is on the sheet
      mine = version + 1
      store.set({ moving: true, ...changed(store.get(), (first ? enter : amend)(past, { ink, photo: null })) })
      first = false
      frame = due < total ? requestAnimationFrame(step) : 0
      if (!frame) store.set({ moving: false })
    }
    frame = requestAnimationFrame(step)
  }

  return { play, stop }
}
