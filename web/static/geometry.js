// Strokes as points: bounds, simpler lines, what an eraser leaves.  Pure functions.

/** @import {Point, Stroke} from './types.js' */

/**
 * @param {Stroke[]} strokes
 * @returns {[number, number, number, number]} x0, y0, x1, y1; of nothing at all zeros
 */
export function bounds(strokes) {
  const points = strokes.flat()
  if (!points.length) return [0, 0, 0, 0]
  const xs = points.map(([x]) => x)
  const ys = points.map(([, y]) => y)
  return [Math.min(...xs), Math.min(...ys), Math.max(...xs), Math.max(...ys)]
}

/**
 * @param {Point} point
 * @param {Point} a
 * @param {Point} b
 * @returns {number} how far `point` is from the line from `a` to `b`
 */
export function distance([x, y], [x0, y0], [x1, y1]) {
  const [dx, dy] = [x1 - x0, y1 - y0]
  const length = dx * dx + dy * dy
  const t = length ? Math.min(1, Math.max(0, ((x - x0) * dx + (y - y0) * dy) / length)) : 0
  return Math.hypot(x - x0 - t * dx, y - y0 - t * dy)
}

/**
 * Leaves out points that lie within `tolerance` of the line through the others (Douglas and Peucker 1973).
 * @param {Stroke} stroke
 * @param {number} tolerance
 * @returns {Stroke}
 */
export function simplify(stroke, tolerance) {
  if (stroke.length < 3) return stroke
  const keep = new Set([0, stroke.length - 1])
  const spans = [[0, stroke.length - 1]]
  for (let span = spans.pop(); span; span = spans.pop()) {
    const [first, last] = span
    const far = farthest(stroke, first, last)
    if (far.distance <= tolerance) continue
    keep.add(far.at)
    spans.push([first, far.at], [far.at, last])
  }
  return stroke.filter((_, i) => keep.has(i))
}

/**
 * @param {Stroke} stroke
 * @param {number} first
 * @param {number} last
 */
function farthest(stroke, first, last) {
  const found = { at: first, distance: 0 }
  for (let i = first + 1; i < last; i++) {
    const d = distance(stroke[i], stroke[first], stroke[last])
    if (d > found.distance) Object.assign(found, { at: i, distance: d })
  }
  return found
}

/**
 * What is left of a stroke once an eraser has gone from `from` to `to`: runs of points, as indices.
 * @param {Stroke} stroke
 * @param {Point} from
 * @param {Point} to
 * @param {number} radius
 * @returns {[number, number][]} first index and the one after the last
 */
export function erased(stroke, from, to, radius) {
  /** @type {[number, number][]} */
  const runs = []
  let start = -1
  for (let i = 0; i <= stroke.length; i++) {
    const stays = i < stroke.length && distance(stroke[i], from, to) > radius
    if (stays && start < 0) start = i
    if (!stays && start >= 0) {
      runs.push([start, i])
      start = -1
    }
  }
  return runs
}
