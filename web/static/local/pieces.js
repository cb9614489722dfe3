// Marks of a picture: connected parts of its ink, and what they are put together of or cut into.

import { boxes, box as boxOf, crop, label, mask, median, where } from './arrays.js'
import { around } from './drawing.js'

/** @import {Bounds, Floats, Mask} from './arrays.js' */

/**
 * A connected part of the ink.
 * @typedef {object} Mark
 * @property {Mask} ink in its box
 * @property {Bounds} box px: first column and row, and those after the last
 * @property {number} odds mean log-odds that it is type
 * @property {boolean} [boxed] whether it is all that is in a box for one character
 */

/** @param {Bounds} box */
export const high = ([, y0, , y1]) => y1 - y0

/** @param {Bounds} box */
export const long = ([x0, y0, x1, y1]) => Math.max(x1 - x0, y1 - y0)

/** @param {Mark[]} marks @returns {number} how high most of their ink is; 0 for none */
export const usually = (marks) => median(marks.flatMap((mark) => Array(pixels(mark)).fill(high(mark.box)))) || 0

/** @param {Mark} mark @returns {number} how many of them are ink */
export const pixels = ({ ink }) => ink.data.reduce((sum, each) => sum + each, 0)

/** @param {Mask} ink @param {Floats} odds of each pixel @returns {Mark[]} its connected parts */
export function marksOf(ink, odds) {
  const { labels, count } = label(ink)
  return boxes(labels, count, ink.width).map((box, k) => {
    const [x0, y0, x1, y1] = box
    const own = mask(x1 - x0, y1 - y0)
    let [sum, area] = [0, 0]
    own.data.forEach((_, i) => {
      const at = (y0 + Math.floor(i / own.width)) * ink.width + x0 + (i % own.width)
      if (labels[at] !== k + 1) return
      own.data[i] = 1
      sum += odds.data[at]
      area++
    })
    return { ink: own, box, odds: sum / area }
  })
}

/** @param {Mark[]} marks @returns {{ink: Mask, box: Bounds}} all their ink, and the box around it */
export function together(marks) {
  const box = around(marks.map((mark) => mark.box))
  const all = mask(box[2] - box[0], box[3] - box[1])
  for (const {
    ink,
    box: [x0, y0],
  } of marks) {
    const corner = (y0 - box[1]) * all.width + x0 - box[0]
    ink.data.forEach((value, i) => {
      if (value) all.data[corner + Math.floor(i / ink.width) * all.width + (i % ink.width)] = 1
    })
  }
  return { ink: all, box }
}

/** @param {Mark} mark @param {number[]} middles @returns {Mark[]} cut between these where the least ink is crossed */
export function cut({ ink, box, odds }, middles) {
  const [left, top] = box
  const crossed = new Int32Array(ink.width)
  for (const [i, value] of ink.data.entries()) crossed[i % ink.width] += value
  const seams = middles.slice(1).map((to, k) => {
    const from = Math.floor(middles[k] - left) + 1
    const between = crossed.subarray(from, Math.ceil(to - left))
    return from + Math.max(0, between.indexOf(Math.min(...between)))
  })
  const ends = [0, ...seams, ink.width]
  return middles.flatMap((_, k) => {
    const piece = crop(ink, { x0: ends[k], y0: 0, x1: ends[k + 1], y1: ink.height })
    const part = boxOf(piece)
    if (!part) return []
    const x = left + ends[k]
    /** @type {Bounds} */
    const place = [x + part.x0, top + part.y0, x + part.x1, top + part.y1]
    return { ink: crop(piece, part), box: place, odds }
  })
}

/**
 * @param {Mark} mark
 * @param {Bounds[]} frames that it spans
 * @param {number} at index of one of them
 * @returns {Mark} its part that is nearer to the middle of this frame than to those of the others
 */
export function nearestPart({ ink, box: [left, top], odds }, frames, at) {
  const centres = frames.map(([x0, y0, x1, y1]) => [(x0 + x1) / 2 - left, (y0 + y1) / 2 - top])
  const part = where(ink, (value, i) => {
    const [x, y] = [i % ink.width, Math.floor(i / ink.width)]
    const away = centres.map(([u, v]) => Math.hypot(x - u, y - v))
    return value > 0 && away.indexOf(Math.min(...away)) === at
  })
  const box = boxOf(part) ?? { x0: 0, y0: 0, x1: 1, y1: 1 } // an empty pixel: of thin slanting lines nothing may be left
  return { ink: crop(part, box), box: [left + box.x0, top + box.y0, left + box.x1, top + box.y1], odds }
}
