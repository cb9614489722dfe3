// Ink that looks like ink: how broad the pen is at each point, and the line it leaves.

/** @import {Point, Stroke} from './types.js' */
/** @import {Ink} from './sheet.js' */

export const PENS = { fine: 0.022, medium: 0.036, broad: 0.058 } // pen widths, in shorter sides of the sheet
export const RUBBER = 0.035 // radius of the eraser, in shorter sides
const SWIFT = 0.0035 // speed from which on a pen without pressure draws thinnest, in shorter sides a millisecond
const THIN = 0.62 // width of that line over the pen's
const SEEN = 0.0006 // greatest step of a line's width that is not seen, in shorter sides
const EASE = 0.35 // share of the way to the wanted width that is gone at each point, so that edges stay smooth

/**
 * @param {number} pen its width
 * @param {number} last width at the point before, or 0 at the first
 * @param {number} pressure in [0, 1]; 0 or 0.5 exactly from what has no sense of it
 * @param {number} speed in shorter sides a millisecond
 * @returns {number} width at this point
 */
export function width(pen, last, pressure, speed) {
  const felt = pressure > 0 && pressure !== 0.5 ? 0.45 + 0.95 * pressure : 1 - (1 - THIN) * Math.min(1, speed / SWIFT)
  const wanted = pen * felt
  return last ? last + EASE * (wanted - last) : wanted
}

/**
 * @param {Stroke} points
 * @param {number} pen
 * @returns {Ink}
 */
export const even = (points, pen) => ({ points, widths: points.map(() => pen) })

/**
 * Draws a stroke: a dot, or curves through the midpoints of its points, each as broad as the pen was there.
 * @param {CanvasRenderingContext2D} context its colours set, its unit that of the stroke
 * @param {Ink} ink
 */
export function paint(context, { points, widths }) {
  context.lineCap = 'round'
  context.lineJoin = 'round'
  if (points.length === 1 || points.every(([x, y]) => x === points[0][0] && y === points[0][1])) {
    context.beginPath()
    context.arc(points[0][0], points[0][1], Math.max(...widths) * 0.6, 0, 2 * Math.PI)
    return context.fill()
  }
  let [x, y] = points[0]
  for (let i = 1; i < points.length; i++) {
    const [u, v] = points[i]
    const last = i === points.length - 1
    const [p, q] = last ? [u, v] : [(u + points[i + 1][0]) / 2, (v + points[i + 1][1]) / 2]
    const [from, to] = [widths[i - 1], last ? widths[i] : (widths[i] + widths[i + 1]) / 2]
    curve(context, [x, y], [u, v], [p, q], i === 1 ? from : (from + widths[i]) / 2, to)
    ;[x, y] = [p, q]
  }
}

/**
 * A curve from `a` by `b` to `c` whose width goes from `first` to `last` in steps too small to be seen.
 * @param {CanvasRenderingContext2D} context
 * @param {Point} a
 * @param {Point} b
 * @param {Point} c
 * @param {number} first
 * @param {number} last
 */
function curve(context, a, b, c, first, last) {
  const count = Math.min(24, 1 + Math.floor(Math.abs(last - first) / SEEN))
  let [x, y] = a
  for (let i = 1; i <= count; i++) {
    const t = i / count
    const at = (/** @type {0 | 1} */ axis) => (1 - t) ** 2 * a[axis] + 2 * t * (1 - t) * b[axis] + t ** 2 * c[axis]
    context.lineWidth = first + (last - first) * (t - 0.5 / count)
    context.beginPath()
    context.moveTo(x, y)
    if (count === 1) context.quadraticCurveTo(b[0], b[1], c[0], c[1])
    else context.lineTo(at(0), at(1))
    context.stroke()
    ;[x, y] = [at(0), at(1)]
  }
}
