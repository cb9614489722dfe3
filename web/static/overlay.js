// What lies over the drawing: the character in focus, where the network looked, one of its maps, and the printed letter.

import { still, tint } from './dom.js'
import { bounds } from './geometry.js'
import { reading } from './reading.js'
import { isBlank } from './sheet.js'
import { focused, strokesOf } from './state.js'
import { HEAT, veil } from './steps.js'

/** @import {PageStore, State} from './state.js' */

const SCAN = 63.4 / 46 // side of what becomes 28×28, over the longer side of the strokes' box: pen, blur, margins added
const FRAMED = '#5a6ee8' // colour of a frame on a picture, light or dark as that may be
const EASED = 1800 // ms in which the printed letter fades in and out again
const PRINTED = 0.3 // greatest opacity of the printed letter

/** @typedef {{x: number, y: number, width: number, height: number}} Place of a picture, in units of the sheet */

/**
 * @param {State} state
 * @param {Place | null} place of the picture, if there is one
 * @returns {{x: number, y: number, side: number} | null} the square of the sheet that the network sees as 28×28
 */
function seen(state, place) {
  const { past, answer } = state
  if (isBlank(past.now) || answer?.status !== 'read') return null
  const box = focused(state)?.box
  if (past.now.photo && !(place && box)) return null
  const [x0, y0, x1, y1] = place && box ? onto(place, box) : (box ?? bounds(strokesOf(past.now)))
  const side = SCAN * Math.max(x1 - x0, y1 - y0, 0.02)
  return { x: (x0 + x1) / 2, y: (y0 + y1) / 2, side }
}

/** @param {Place} place @param {number[]} box in shares of the picture @returns {number[]} the same in units of the sheet */
const onto = ({ x, y, width, height }, [x0, y0, x1, y1]) => [
  x + x0 * width,
  y + y0 * height,
  x + x1 * width,
  y + y1 * height,
]

/**
 * @typedef {object} Overlay
 * @property {(context: CanvasRenderingContext2D, colour: string, place: Place | null, redraw: () => void) => void} paint
 *   in units of the sheet; `place` is that of the picture
 * @property {() => boolean} isStale whether what was painted last is no longer what should lie there
 */

/**
 * @param {PageStore} store
 * @returns {Overlay}
 */
export function createOverlay(store) {
  let since = 0
  let version = -1
  /** @type {unknown[]} */
  let painted = []

  return {
    isStale() {
      const now = content(store.get())
      return now.length !== painted.length || now.some((each, i) => each !== painted[i])
    },
    paint(context, colour, place, redraw) {
      const state = store.get()
      const square = seen(state, place)
      painted = content(state)
      if (!square) return
      if (state.answered === state.version) {
        if (state.answer?.characters.length !== 1) frame(context, square, place ? FRAMED : colour)
        lay(context, state, square)
      }
      if (state.answer?.steps && version !== state.version) [version, since] = [state.version, performance.now()]
      const age = version === state.version ? (performance.now() - since) / EASED : 0
      if (age <= 0 || age >= 1 || still() || state.looking || state.laid) return
      if (printed(context, state, colour, age)) redraw()
    },
  }
}

/** @param {State} state @returns {unknown[]} what of it lies over the drawing; empty for nothing */
function content(state) {
  const { answer, answered, version, looking, laid } = state
  if (!answer || answered !== version) return []
  const box = answer.characters.length === 1 ? [] : (focused(state)?.box ?? [])
  const heat = looking ? [answer.attention] : []
  const map = laid && answer.maps ? [answer.maps, laid] : []
  return [...box, ...heat, ...map, ...(answer.steps ? [version] : [])]
}

/** @param {CanvasRenderingContext2D} context @param {{x: number, y: number, side: number}} square @param {string} colour */
function frame(context, { x, y, side }, colour) {
  context.save()
  context.strokeStyle = colour
  context.globalAlpha = 0.7
  context.lineWidth = 0.004
  context.setLineDash([0.012, 0.012])
  context.strokeRect(x - side / 2, y - side / 2, side, side)
  context.restore()
}

/** @param {CanvasRenderingContext2D} context @param {State} state @param {{x: number, y: number, side: number}} square */
function lay(context, { answer, looking, laid }, { x, y, side }) {
  context.imageSmoothingEnabled = true
  if (looking && answer?.attention)
    context.drawImage(veil(answer.attention, HEAT), x - side / 2, y - side / 2, side, side)
  const layer = laid && answer?.maps?.[laid.layer]
  if (!laid || !layer || !answer?.maps) return
  const size = layer.side * layer.side
  const values = layer.values.slice(laid.channel * size, (laid.channel + 1) * size)
  const covered = (side * answer.maps[0].side * 2) / 28 // less than `side` where the network leaves out a margin
  context.imageSmoothingEnabled = false
  context.drawImage(veil(values, tint()), x - covered / 2, y - covered / 2, covered, covered)
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {State} state
 * @param {string} colour
 * @param {number} age
 * @returns {boolean} whether there is one
 */
function printed(context, { answer, past }, colour, age) {
  if (answer?.characters.length !== 1) return false
  const { tone, large } = reading(answer.characters[0], answer.labels)
  if (tone !== 'sure') return false
  const [x0, y0, x1, y1] = bounds(strokesOf(past.now))
  context.save()
  context.font = '500 100px "Atkinson Hyperlegible Next", sans-serif'
  const {
    actualBoundingBoxLeft: l,
    actualBoundingBoxRight: r,
    actualBoundingBoxAscent: a,
    actualBoundingBoxDescent: d,
  } = context.measureText(large[0])
  const scale = (y1 - y0) / Math.max(1, a + d)
  context.globalAlpha = PRINTED * Math.sin(Math.PI * age) ** 2
  context.fillStyle = colour
  context.translate((x0 + x1) / 2, (y0 + y1) / 2)
  context.scale(scale, scale)
  context.fillText(large[0], (l - r) / 2, (a - d) / 2)
  context.restore()
  return true
}
