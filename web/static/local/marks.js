// Which pen strokes stand in one line, from left to right: the twin of `rows` in `emnist/text/marks.py`.

import { quantile } from './arrays.js'
import { MARKS } from './constants.js'

/** @import {Bounds} from './drawing.js' */

const { TALL, PAIR, ALONG, MEETS, COLUMN, SMALL, OFF } = MARKS

/** @param {Bounds[]} boxes of a line @returns {number} how high most of its characters are */
export function height(boxes) {
  const longest = Math.max(1e-9, ...boxes.map(([x0, y0, x1, y1]) => Math.max(x1 - x0, y1 - y0)))
  return Math.max(tall(boxes), 0.1 * longest)
}

/** @param {Bounds[]} boxes */
const heights = (boxes) => boxes.map(([, y0, , y1]) => y1 - y0)

/** @param {Bounds[]} boxes of strokes or characters @returns {number} how high the taller ones are */
export const tall = (boxes) => quantile(heights(boxes), 0.75)

/** @param {Bounds} box */
const middle = ([x0, , x1]) => x0 + x1

/** @param {Bounds[]} boxes at least one @returns {number[][]} indices of the strokes in each line, the uppermost first */
export function rows(boxes) {
  const high = heights(boxes)
  const usual = tall(boxes)
  const lowest = boxes.reduce((best, box, i) => (box[3] < boxes[best][3] ? i : best), 0)
  const pair = boxes.length === 2 && high[lowest] < PAIR * Math.max(...high)
  const least = pair ? PAIR * Math.max(...high) : TALL * usual
  const all = boxes.map((_, i) => i)
  const bodies = all.filter((i) => high[i] >= least)
  const row = joined(boxes, bodies)
  const single = (/** @type {number} */ body) => row.filter((name) => name === row[body]).length === 1
  const alone = bodies.filter(single)
  const below = alone.length >= COLUMN ? SMALL * usual : Infinity
  for (const body of alone) if (high[body] < below && single(body)) row[body] = row[nearest(boxes, body, usual)]
  for (const mark of all.filter((i) => high[i] < least)) {
    const away = bodies.map((body) => distance(boxes[mark], boxes[body]))
    row[mark] = row[bodies[away.indexOf(Math.min(...away))]]
  }
  const lines = [...new Set(row)].sort((a, b) => a - b).map((name) => all.filter((i) => row[i] === name))
  const level = (/** @type {number[]} */ line) =>
    line.reduce((sum, i) => sum + boxes[i][1] + boxes[i][3], 0) / line.length
  for (const line of lines) line.sort((a, b) => middle(boxes[a]) - middle(boxes[b]) || a - b)
  return lines.sort((a, b) => level(a) - level(b))
}

/**
 * @param {Bounds[]} boxes
 * @param {number[]} bodies
 * @returns {number[]} a number a mark, the same for bodies that stand beside each other, through others in between
 */
function joined(boxes, bodies) {
  const row = boxes.map((_, i) => i)
  for (const body of bodies) {
    const [, top, , foot] = boxes[body]
    const beside = bodies.filter((other) => {
      const [, y0, , y1] = boxes[other]
      const shared = Math.min(foot, y1) - Math.max(top, y0)
      return other !== body && shared >= ALONG * Math.max(Math.min(foot - top, y1 - y0), 1e-9)
    })
    for (const sign of [1, -1]) {
      const side = beside.filter((other) => sign * (middle(boxes[other]) - middle(boxes[body])) >= 0)
      if (!side.length) continue
      const far = side.map((other) => {
        const across = Math.abs(middle(boxes[other]) - middle(boxes[body]))
        return across + 2 * Math.abs(boxes[other][3] - foot) // one whose foot stands as low is nearer
      })
      const old = row[side[far.indexOf(Math.min(...far))]]
      row.forEach((name, i) => {
        if (name === old) row[i] = row[body]
      })
    }
  }
  return row
}

/** @param {Bounds[]} boxes @param {number} body @param {number} usual @returns {number} what `body` meets, or itself */
function nearest(boxes, body, usual) {
  const away = boxes.map((box, i) => (i === body ? Infinity : distance(boxes[body], box)))
  const least = Math.min(...away)
  const high = boxes[body][3] - boxes[body][1]
  return least <= usual * (high < SMALL * usual ? OFF : MEETS) ? away.indexOf(least) : body
}

/** @param {Bounds} mark perhaps a dot @param {Bounds} other @returns {number} across and upwards count double */
function distance(mark, other) {
  const across = Math.max(other[0] - mark[2], mark[0] - other[2], 0)
  const down = Math.max(other[1] - mark[3], 2 * (mark[1] - other[3]), 0)
  return Math.hypot(2 * across, down)
}
