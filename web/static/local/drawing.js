// Pen strokes drawn as a picture: the twin of `emnist/text/drawing.py`, bit for bit.

import { mask } from './arrays.js'
import { DRAWING, PENS } from './constants.js'
import { emnist } from './convert.js'

/** @import {Stroke} from '../types.js' */
/** @import {Bounds, Mask} from './arrays.js' */

const { PEN, LEAST_PEN } = DRAWING
const { RAW_SIDE } = PENS

/** @param {Stroke[]} strokes @returns {Stroke[]} moved and scaled so that the longer side of their box spans 0…1 */
function unit(strokes) {
  const drawn = strokes.filter((stroke) => stroke.length)
  const points = drawn.flat()
  const [left, top, right, bottom] = extent(points)
  const size = Math.max(right - left, bottom - top) || 1
  return drawn.map((stroke) => stroke.map(([x, y]) => [(x - left) / size, (y - top) / size]))
}

/** @param {Stroke} points @returns {Bounds} */
export function extent(points) {
  /** @type {Bounds} */
  const found = [Infinity, Infinity, -Infinity, -Infinity]
  for (const [x, y] of points) {
    found[0] = Math.min(found[0], x)
    found[1] = Math.min(found[1], y)
    found[2] = Math.max(found[2], x)
    found[3] = Math.max(found[3], y)
  }
  return found
}

/** @param {Bounds[]} boxes @returns {Bounds} the box around them */
export function around(boxes) {
  return extent(
    boxes.flatMap(
      ([x0, y0, x1, y1]) =>
        /** @type {Stroke} */ ([
          [x0, y0],
          [x1, y1],
        ]),
    ),
  )
}

/**
 * Draws `strokes` in [0, 1] with a round pen of width `pen` px on a canvas whose ink spans `side` px.  A pixel is ink if
 * its middle is at most half the pen's width away from a stroke.
 * @param {Stroke[]} strokes
 * @param {number} side
 * @param {number} pen
 * @returns {Mask}
 */
export function draw(strokes, side, pen) {
  const margin = Math.ceil(pen) + 1
  /** @type {Stroke[]} */
  const placed = strokes.map((stroke) => stroke.map(([x, y]) => [x * side + margin, y * side + margin]))
  const [, , right, bottom] = extent(placed.flat())
  const canvas = mask(Math.ceil(right) + margin, Math.ceil(bottom) + margin)
  const radius = Math.max(pen, LEAST_PEN) / 2
  for (const points of placed) {
    for (let i = 0; i < Math.max(1, points.length - 1); i++) fill(canvas, points[i], points[i + 1] ?? points[i], radius)
  }
  return canvas
}

/**
 * Fills what one piece of a stroke covers: two discs, and what lies between the two lines that touch both of them.
 * @param {Mask} canvas
 * @param {import('../types.js').Point} from
 * @param {import('../types.js').Point} to
 * @param {number} radius
 */
function fill(canvas, [x0, y0], [x1, y1], radius) {
  const [dx, dy] = [x1 - x0, y1 - y0]
  const length = Math.sqrt(dx * dx + dy * dy)
  const last = Math.min(canvas.height - 1, Math.floor(Math.max(y0, y1) + radius))
  for (let row = Math.max(0, Math.ceil(Math.min(y0, y1) - radius)); row <= last; row++) {
    const half0 = Math.sqrt(radius * radius - (row - y0) * (row - y0)) // NaN where the disc does not reach
    const half1 = Math.sqrt(radius * radius - (row - y1) * (row - y1))
    const ends = [x0 - half0, x0 + half0, x1 - half1, x1 + half1]
    for (const reach of [radius, -radius]) {
      const share = (row - (y0 + (reach * dx) / length)) / dy
      if (share >= 0 && share <= 1) ends.push(x0 - (reach * dy) / length + share * dx)
    }
    const found = ends.filter((x) => !Number.isNaN(x))
    if (!found.length) continue
    const first = row * canvas.width
    canvas.data.fill(1, first + Math.ceil(Math.min(...found)), first + Math.floor(Math.max(...found)) + 1)
  }
}

/** @param {Stroke[]} strokes of one character @returns {Uint8Array} 28×28 as EMNIST's scans show it, ink 255 on 0 */
export const image = (strokes) => emnist(raw(strokes))

/** @param {Stroke[]} strokes of one character @returns {Mask} drawn at the size of EMNIST's scans, with their pen */
export const raw = (strokes) => draw(unit(strokes), RAW_SIDE, PEN * RAW_SIDE)
