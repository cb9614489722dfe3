// While the sheet is empty, a letter writes itself in pale ink.

import { flat, still } from './dom.js'
import { examples } from './examples.js'
import { even, PENS, paint } from './ink.js'
import { partOf } from './play.js'
import { isBlank } from './sheet.js'

/** @import {PageStore} from './state.js' */
/** @import {Stroke} from './types.js' */

const SHOWN = ['g', '4', '2', 'B', '5'] // names of the examples that write themselves, in turn
const PACE = 1500 // ms in which a letter is written
const STAYS = 1400 // ms for which it stays
const WAIT = 500 // ms before the first letter, which a visitor who begins at once never sees

/**
 * @param {HTMLCanvasElement} canvas of its own, under the drawing
 * @param {PageStore} store
 */
export function startGhost(canvas, store) {
  /** @type {Stroke[][]} */
  let letters = []
  let frame = 0
  let start = 0

  /** @param {number} now */
  function draw(now) {
    const since = now - start - WAIT
    const turn = Math.floor(Math.max(0, since) / (PACE + STAYS))
    const strokes = letters[turn % letters.length]
    const total = strokes.reduce((sum, { length }) => sum + length, 0)
    const age = still() ? PACE : since - turn * (PACE + STAYS)
    show(partOf(strokes, Math.min(total, Math.ceil((age / PACE) * total))), Math.min(1, (PACE + STAYS - age) / 500))
    frame = still() ? 0 : requestAnimationFrame(draw)
  }

  /** @param {Stroke[]} strokes @param {number} strength */
  function show(strokes, strength) {
    const { clientWidth: width, clientHeight: height } = canvas
    const [w, h] = [Math.round(width * devicePixelRatio), Math.round(height * devicePixelRatio)]
    if (canvas.width !== w || canvas.height !== h) Object.assign(canvas, { width: w, height: h })
    const context = flat(canvas)
    const unit = Math.min(w, h)
    context.setTransform(1, 0, 0, 1, 0, 0)
    context.clearRect(0, 0, w, h)
    context.globalAlpha = Math.max(0, strength)
    context.translate(w / 2, h / 2)
    context.scale(unit * 0.8, unit * 0.8)
    context.strokeStyle = context.fillStyle = getComputedStyle(canvas).color
    for (const points of strokes) paint(context, even(points, PENS.medium * 0.8))
  }

  function change() {
    const { past, moving, filming, game, labels } = store.get()
    const known = examples(labels)
    letters = SHOWN.flatMap((wanted) => known.filter(([name]) => name === wanted).map(([, strokes]) => strokes))
    const empty = isBlank(past.now) && !moving && !filming && !game && letters.length > 0
    canvas.hidden = !empty
    cancelAnimationFrame(frame)
    frame = 0
    if (!empty) return
    start = performance.now()
    frame = requestAnimationFrame(draw)
  }

  store.watch(['version', 'moving', 'filming', 'game', 'labels'], change)
  new ResizeObserver(change).observe(canvas)
  change()
}
