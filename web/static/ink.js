// Ink that looks like ink: how broad the pen is at each point, and the line it leaves.

/** @import {Point, Stroke} from './types.js' */
/** @import {Ink} from './sheet.js' */

export const PENS = { fine: 0.022, medium: 0.036, broad: 0.058 } // widths in shorter sides of the sheet
export const RUBBER = 0.035 // the eraser's radius
const SWIFT = 0.0035 // shorter sides a millisecond at which a pen without pressure is thinnest
const THIN = 0.62 // of its width
const EASE = 0.35 // share of the way to the new width that one point takes, so that edges stay smooth

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
    context.lineWidth = (widths[i - 1] + widths[i]) / 2
    context.beginPath()
    context.moveTo(x, y)
    context.quadraticCurveTo(u, v, p, q)
    context.stroke()
    ;[x, y] = [p, q]
  }
}
