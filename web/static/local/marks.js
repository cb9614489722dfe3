// Which marks, pen strokes or pieces of ink, stand in one line, from left to right, and which are none of a character: the
// twin of the first half of `emnist/text/marks.py`.

import { median, quantile } from './arrays.js'
import { MARKS } from './constants.js'

/** @import {Bounds} from './arrays.js' */

const { TALL, PAIR, ALONG, MEETS, COLUMN, SMALL, OFF, STEEP, PAIRS, FLAT, LONG, BY, THROUGH } = MARKS
const { POINT, COMMA, HYPHEN, CLEAR, BULLET, LOW, HANGS, MIDDLE } = MARKS

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

/**
 * Tells long lines under, over or between several marks, as in a heading or a fraction.  A line through others strikes them
 * out, and one beside them may be a dash.
 * @param {Bounds[]} boxes
 * @returns {boolean[]}
 */
export function lines(boxes) {
  const usual = tall(boxes)
  const flat = boxes.map(([x0, y0, x1, y1]) => x1 - x0 > FLAT * (y1 - y0) && x1 - x0 > LONG * usual)
  return boxes.map(([x0, y0, x1, y1], i) => {
    if (!flat[i]) return false
    const others = boxes.filter((other, k) => {
      const shared = Math.min(x1, other[2]) - Math.max(x0, other[0])
      const away = Math.max(y0 - other[3], other[1] - y1)
      const body = other[3] - other[1] >= TALL * usual
      return !flat[k] && body && shared >= (other[2] - other[0]) / 2 && away < BY * usual
    })
    const through = others.filter((other) => {
      const level = ((y0 + y1) / 2 - other[1]) / Math.max(other[3] - other[1], 1e-9)
      return level > THROUGH && level < 1 - THROUGH
    })
    return others.length > 1 && through.length < others.length / 2
  })
}

/** @param {Bounds[]} boxes at least one @returns {Bounds[]} raised or lowered so that their lines are level, if these are steep */
export function levelled(boxes) {
  const steep = slope(boxes, rows(boxes))
  if (Math.abs(steep) <= STEEP) return boxes
  return boxes.map((box) => {
    const raised = (steep * middle(box)) / 2
    return [box[0], box[1] - raised, box[2], box[3] - raised]
  })
}

/** @param {Bounds[]} boxes @param {number[][]} found their lines @returns {number} how far feet sink to the right, over the way there */
function slope(boxes, found) {
  const usual = tall(boxes)
  const slopes = found.flatMap((row) => {
    const bodies = row.map((i) => boxes[i]).filter(([, y0, , y1]) => y1 - y0 >= TALL * usual)
    return bodies.flatMap((one, k) =>
      bodies.slice(k + 1).flatMap((other) => {
        const across = (middle(other) - middle(one)) / 2
        return across > usual / 2 ? [(other[3] - one[3]) / across] : [] // or else strokes of one character
      }),
    )
  })
  return slopes.length >= PAIRS ? median(slopes) : 0
}

/**
 * Tells points, commas, colons and hyphens, for which there is no class: they are small, apart from the characters around
 * them, and neither above nor below one.
 * @param {Bounds[]} line from left to right
 * @returns {boolean[]}
 */
export function punctuation(line) {
  const usual = height(line)
  const boxes = line.map((box) => box.map((value) => value / usual))
  const [wide, high] = [0, 1].map((axis) => boxes.map((box) => box[axis + 2] - box[axis]))
  const long = boxes.map((_, i) => Math.max(wide[i], high[i]))
  const flat = boxes.map((_, i) => {
    const most = i ? HYPHEN[1] : BULLET[1]
    return long[i] > HYPHEN[0] && long[i] < most && wide[i] > 2 * high[i]
  })
  const found = boxes.map(() => false)
  const small = boxes.map((_, i) => i).filter((i) => long[i] < COMMA || flat[i])
  for (const i of small.sort((a, b) => boxes[b][3] - boxes[a][3])) found[i] = isPunctuation(i)
  return found

  /** @param {number} i */
  function isPunctuation(i) {
    const [x0, y0, x1, y1] = boxes[i]
    const across = boxes.map((box) => Math.max(box[0] - x1, x0 - box[2]))
    const others = boxes.map((_, k) => k).filter((k) => k !== i && long[k] >= COMMA)
    const gaps = others.map((k) => Math.max(across[k], boxes[k][1] - y1, y0 - boxes[k][3]))
    const bodies = others.filter((k) => high[k] >= TALL)
    const beside = [...bodies.filter((k) => k < i).slice(-1), ...bodies.filter((k) => k > i).slice(0, 1)]
    const nearest = Math.min(...others.map((k) => across[k]))
    if (!beside.length || nearest <= 0 || Math.min(...gaps) < CLEAR) return false
    const [tops, feet] = [y0, y1].map((y) => beside.map((k) => (y - boxes[k][1]) / high[k]))
    const middles = tops.map((top, k) => (top + feet[k]) / 2)
    const low = Math.min(...tops) > LOW
    const column = boxes.map((_, k) => k).filter((k) => across[k] <= 0) // itself, and the dot of an i, or a colon's other point
    const point = long[i] < POINT && (low || column.some((k) => found[k]))
    const comma = long[i] < COMMA && low && Math.min(...feet) > 1 + HANGS && column.length === 1
    const between = beside.length === 2 || (i === 0 && nearest > BULLET[0])
    return (
      point || comma || (flat[i] && between && Math.min(...middles) > MIDDLE[0] && Math.max(...middles) < MIDDLE[1])
    )
  }
}

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
  const found = [...new Set(row)].sort((a, b) => a - b).map((name) => all.filter((i) => row[i] === name))
  const level = (/** @type {number[]} */ line) =>
    line.reduce((sum, i) => sum + boxes[i][1] + boxes[i][3], 0) / line.length
  for (const line of found) line.sort((a, b) => middle(boxes[a]) - middle(boxes[b]) || a - b)
  return found.sort((a, b) => level(a) - level(b))
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
