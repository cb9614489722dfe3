// Characters to try, one for each pair that is easily confused: strokes of points about the sheet's middle.

import { classOf } from './reading.js'

/** @import {Point, Stroke} from './types.js' */

const STEP = 0.02 // distance of two points, in shorter sides of the sheet

/**
 * @param {...Point} corners
 * @returns {Point[]} points along straight lines
 */
function line(...corners) {
  const points = [corners[0]]
  for (let k = 1; k < corners.length; k++) {
    const [[x, y], [u, v]] = [corners[k - 1], corners[k]]
    const count = Math.max(1, Math.round(Math.hypot(u - x, v - y) / STEP))
    for (let i = 1; i <= count; i++) points.push([x + ((u - x) * i) / count, y + ((v - y) * i) / count])
  }
  return points
}

/**
 * @param {number} x
 * @param {number} y
 * @param {number} width
 * @param {number} height
 * @param {number} start in turns, 0 at three o'clock, growing clockwise
 * @param {number} end
 * @returns {Point[]} points of an ellipse about (x, y)
 */
function arc(x, y, width, height, start, end) {
  const count = Math.max(2, Math.round((Math.abs(end - start) * Math.PI * (width + height)) / 2 / STEP))
  return Array.from({ length: count + 1 }, (_, i) => {
    const angle = 2 * Math.PI * (start + ((end - start) * i) / count)
    return /** @type {Point} */ ([x + (width / 2) * Math.cos(angle), y + (height / 2) * Math.sin(angle)])
  })
}

/** @type {Record<string, Stroke[]>} */
const EXAMPLES = {
  0: [arc(0, 0, 0.36, 0.54, -0.25, 0.76)],
  1: [line([-0.1, -0.14], [0.02, -0.27], [0.02, 0.27])],
  2: [[...arc(0, -0.12, 0.34, 0.3, -0.5, 0.1), ...line([0.1, 0.03], [-0.18, 0.26], [0.19, 0.26])]],
  5: [[...line([0.16, -0.26], [-0.12, -0.26], [-0.15, -0.02]), ...arc(-0.01, 0.1, 0.34, 0.32, -0.36, 0.4)]],
  9: [[...arc(0, -0.12, 0.3, 0.3, 0, -1), ...line([0.15, -0.12], [0.1, 0.28])]],
  g: [
    [
      ...arc(-0.01, -0.1, 0.32, 0.32, -0.08, -1.05),
      ...line([0.16, -0.22], [0.15, 0.18]),
      ...arc(-0.01, 0.18, 0.32, 0.3, 0, 0.4),
    ],
  ],
  B: [
    line([-0.16, 0.27], [-0.16, -0.27]),
    [
      ...line([-0.16, -0.27], [0, -0.27]),
      ...arc(0, -0.14, 0.28, 0.26, -0.25, 0.25),
      ...arc(0, 0.13, 0.34, 0.28, -0.25, 0.25),
      ...line([0, 0.27], [-0.16, 0.27]),
    ],
  ],
  7: [line([-0.2, -0.25], [0.2, -0.27], [-0.04, 0.28])],
  4: [line([-0.06, -0.28], [-0.24, 0.08], [0.24, 0.06]), line([0.1, -0.18], [0.08, 0.28])],
  Q: [arc(0, -0.02, 0.42, 0.48, -0.25, 0.76), line([0.06, 0.1], [0.24, 0.28])],
}

/**
 * @param {string[]} labels the classes; none as long as they are not known
 * @returns {[string, Stroke[]][]} the examples that are of one of them, by name; all as long as they are not known
 */
export const examples = (labels) =>
  Object.entries(EXAMPLES).filter(([name]) => !labels.length || labels.includes(classOf(name, labels)))
