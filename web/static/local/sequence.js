// A line of pen strokes, or of ink, seen as a whole by a network: the twin of `draw` and `see` in
// `emnist/text/sequence.py`.  What it answers along the line also says where one character ends and the next begins.

import { floats, resize } from './arrays.js'
import { SCENES, SEQUENCE } from './constants.js'
import { draw, extent } from './drawing.js'
import { fold } from './odds.js'

/** @import {Stroke} from '../types.js' */
/** @import {Floats, Mask} from './arrays.js' */
/** @import {Convolutions} from './convolutions.js' */

/** A character that was seen: its first and last place along the line. @typedef {{first: number, last: number}} Span */

const { CLASSES, HIGH, SIDE, LOWEST, MARGIN, LONGEST, STEP } = SEQUENCE
const { FINE, PEN } = SCENES
const FINE_HIGH = FINE * HIGH // px: height of a line as it is drawn, before it is shrunk

/** @param {string[]} labels @returns {boolean} whether the network has learnt most of them */
export const knows = (labels) => 2 * labels.filter((label) => place(label) >= 0).length > labels.length

/** @param {string} label @returns {number} which of CLASSES it is; -1 for none */
const place = (label) => CLASSES.indexOf(fold(label, CLASSES))

/**
 * A line as the network sees it.
 * @typedef {{picture: Floats, x: (place: number) => number}} Line ink 1 on 0, and where each place along it is
 */

/**
 * @param {Stroke[]} strokes of a line
 * @param {number} height of most of its characters
 * @returns {Line | null} null if it is too long, or climbs steeply
 */
export function drawn(strokes, height) {
  /** @type {Stroke[]} */
  const large = strokes.map((stroke) => stroke.map(([x, y]) => [(x * FINE_HIGH) / height, (y * FINE_HIGH) / height]))
  const [left, top, right, bottom] = extent(large.flat())
  if (Math.max(right - left, bottom - top) > FINE * LONGEST) return null
  const moved = large.map((stroke) => stroke.map(([x, y]) => /** @type {[number, number]} */ ([x - left, y - top])))
  const line = shrunk(draw(moved, 1, PEN * FINE_HIGH), FINE_HIGH)
  const margin = Math.ceil(PEN * FINE_HIGH) + 1 // px that `draw` leaves on the left
  return line && { ...line, x: (place) => ((line.x(place) - margin + left) * height) / FINE_HIGH }
}

/**
 * @param {Mask} ink of a line
 * @param {number} height of most of its characters, px
 * @returns {Line | null} null if it is too long, or climbs steeply
 */
export function shrunk(ink, height) {
  const scale = Math.min(HIGH / height, (SIDE - 4) / ink.height)
  const [wide, high] = [ink.width, ink.height].map((side) => Math.max(1, rounded(side * scale)))
  if (wide > LONGEST || scale * height < LOWEST) return null
  const small = resize({ ...ink, data: Float64Array.from(ink.data) }, wide, high)
  const picture = floats(MARGIN + wide + MARGIN + (wide % STEP), SIDE)
  const first = Math.floor((SIDE - high) / 2)
  small.data.forEach((value, i) => {
    picture.data[(first + Math.floor(i / wide)) * picture.width + MARGIN + (i % wide)] = Math.floor(255 * value) / 255
  })
  return { picture, x: (place) => (place * STEP - MARGIN) / scale }
}

/** @param {number} value @returns {number} a half becomes even, as in Python */
const rounded = (value) => (value % 1 === 0.5 ? 2 * Math.round(value / 2) : Math.round(value))

/**
 * @param {Convolutions} network
 * @param {Floats} picture of a line
 * @param {string[]} labels
 * @returns {Promise<Float64Array[]>} at each place the log-probabilities of a blank and of each label; of one that the
 *   network does not know that of the likeliest class
 */
export async function see(network, picture, labels) {
  const { data: logits, dims } = await network.answer(picture)
  const [classes, places] = [dims[1], dims[3]]
  const known = labels.map(place)
  return Array.from({ length: places }, (_, at) => {
    const each = Array.from({ length: classes }, (_, i) => logits[i * places + at])
    const most = Math.max(...each)
    const total = most + Math.log(each.reduce((sum, value) => sum + Math.exp(value - most), 0))
    const best = Math.max(...each.slice(1))
    return Float64Array.from([each[0], ...known.map((i) => (i < 0 ? best : each[1 + i]))], (value) => value - total)
  })
}

/**
 * @param {Float64Array[]} seen what `see` returns
 * @returns {Span[]} where the likeliest class is the same and no blank; one at least
 */
export function spans(seen) {
  /** @type {Span[]} */
  const found = []
  let before = 0
  seen.forEach((each, at) => {
    const best = each.indexOf(Math.max(...each))
    if (best && best === before) found[found.length - 1].last = at
    else if (best) found.push({ first: at, last: at })
    before = best
  })
  return found.length ? found : [{ first: 0, last: seen.length - 1 }]
}
