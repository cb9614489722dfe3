// Which marks of a line make which character: those in a box, and those nearest to where the network that sees the line
// as a whole shows one.

import { PARTING } from './constants.js'
import { height } from './marks.js'
import { see, spans } from './sequence.js'

/** @import {Bounds} from './arrays.js' */
/** @import {Convolutions} from './convolutions.js' */
/** @import {Written} from './several.js' */

/**
 * The marks of one character, by their indices, and what the line shows there, if it shows one: log-probabilities of all
 * labels.
 * @typedef {{marks: number[], seen: Float64Array | null}} Part
 */

const { SPECK } = PARTING
const EARLY = 1.5 // places by which the network names a character before its middle, in the mean
const AWAY = 0.9 // distance of a mark from the nearest character, in heights of the line, from which on it is one of its own
const LOW = 0.5 // height, in those of the line, up to which a mark is whole: a bar may reach over a neighbour

/**
 * @param {Written} written
 * @param {number[]} row marks of a line, from left to right
 * @param {string[]} labels
 * @param {Convolutions} sequence
 * @returns {Promise<Part[] | null>} each mark goes to the character nearest to it
 */
export async function parted(written, row, labels, sequence) {
  const high = height(row.map((i) => written.boxes[i]))
  const line = written.line(row, high)
  if (!line) return null
  const seen = await see(sequence, line.picture, labels)
  const shown = spans(seen).map(({ first, last }) => ({
    x: line.x((first + last) / 2 + EARLY),
    seen: mean(seen.slice(first, last + 1)).subarray(1), // without the blank
  }))
  const inside = (/** @type {number} */ i) => shown.filter(({ x }) => isWithin(x, written.boxes[i]))
  const whole = row.filter((i) => written.whole[i])
  const known = new Set(whole.flatMap(inside))
  const held = whole.map((i) => [i, ...row.filter((other) => isEnd(written, other, i, high))])
  const others = row.filter((i) => !held.flat().includes(i))
  const parts = apart(
    written,
    others,
    shown.filter((one) => !known.has(one)),
    high,
  )
  whole.forEach((i, k) => {
    const away = inside(i).map(({ x }) => Math.abs(x - middle(written.boxes[i])))
    parts.push({ marks: held[k], seen: inside(i)[away.indexOf(Math.min(...away))]?.seen ?? null })
  })
  const left = (/** @type {Part} */ { marks }) => Math.min(...marks.map((i) => written.boxes[i][0]))
  return parts.sort((a, b) => left(a) - left(b))
}

/**
 * @param {Written} written
 * @param {number} mark
 * @param {number} whole a character by itself
 * @param {number} high
 * @returns {boolean} whether a mark is the low end of a stroke that leaves its box, above or below it
 */
function isEnd({ boxes, whole: alone }, mark, whole, high) {
  const [, y0, , y1] = boxes[mark]
  return !alone[mark] && y1 - y0 <= LOW * high && isWithin(middle(boxes[mark]), boxes[whole])
}

/** @param {number} x @param {Bounds} box */
const isWithin = (x, [x0, , x1]) => x0 < x && x < x1

/**
 * @param {Written} written
 * @param {number[]} row marks of a line that are no characters by themselves
 * @param {{x: number, seen: Float64Array}[]} shown what the network sees there, and where
 * @param {number} high
 * @returns {Part[]} each mark goes to the character nearest to it
 */
function apart(written, row, shown, high) {
  const middles = shown.map(({ x }) => x)
  const marks = row.flatMap((i) => {
    const [, y0, , y1] = written.boxes[i]
    const within = middles.filter((x) => isWithin(x, written.boxes[i]))
    return within.length > 1 && y1 - y0 > LOW * high ? written.cut(i, within) : [i]
  })
  const away = (/** @type {number} */ i) => middles.map((x) => Math.abs(x - middle(written.boxes[i])))
  for (const i of marks) {
    const [, y0, , y1] = written.boxes[i]
    const isTall = y1 - y0 > LOW * high
    if (!middles.length || (isTall && Math.min(...away(i)) > AWAY * high)) middles.push(middle(written.boxes[i])) // overlooked
  }
  const owners = marks.map((i) => away(i).indexOf(Math.min(...away(i))))
  const parts = middles.map((_, k) => ({
    marks: marks.filter((_, i) => owners[i] === k).sort((a, b) => a - b),
    seen: shown[k]?.seen ?? null,
  }))
  const sizes = parts.map((part) => longest(part.marks.map((i) => written.boxes[i])))
  const least = SPECK * Math.min(high, Math.max(...sizes)) // of points and slips of the pen alone, one is kept
  return parts.filter((_, k) => sizes[k] >= least)
}

/** @param {Bounds} box */
const middle = ([x0, , x1]) => (x0 + x1) / 2

/** @param {Bounds[]} boxes @returns {number} the longer side of the largest; -1 for none */
const longest = (boxes) => Math.max(-1, ...boxes.map(([x0, y0, x1, y1]) => Math.max(x1 - x0, y1 - y0)))

/** @param {Float64Array[]} rows @returns {Float64Array} */
const mean = (rows) => rows[0].map((_, i) => rows.reduce((sum, row) => sum + row[i], 0) / rows.length)
