// Which parts of the ink are the character: no specks, no frames, nothing that reaches in from the border.  The twin of
// `emnist/picture/parts.py`, without printed bars.

import { boxes, fromBorder, label, mask, Refused, where } from './arrays.js'

/** @import {Mask} from './arrays.js' */

// All lengths are shares of the longer side of the main part, unless said otherwise.
const NEAR = 0.2 // gap up to which small parts, such as pieces of a broken stroke, belong to the main one
const DOT_ABOVE = 1.1 // the same for a dot, up: nearly all of those on i and j that people draw
const DOT_ASIDE = 0.45 // the same, across
const DOT_SIDE = 0.35 // longest side of a dot
const NARROW = 0.6 // width of a main part above which it has no dot: beside it that is a punched hole, or dirt
const SPECK = 0.04 // side below which a near part is dirt
const DOT = 0.6 // the same, in widths of the main part's pen: a dot is as wide as the pen
const SAME_PEN = 0.45 // stroke width, over the main part's, above which a part is a stroke of the same pen, or its dot
const PART = 0.4 // side below which a part farther away is dirt; else another character, for the network to refuse
const INWARD = 0.25 // nearness to the middle, as a share of the main part's, below which a part is marginal
const INWARD_TOUCHING = 0.5 // the same, if it touches the border
const BESIDE = 0.3 // gap up to which a marginal part still belongs, in a square of side 1.5 around the main one
const BESIDE_TOUCHING = 0.1 // the same, if it touches the border
const BLOB = 2.0 // stroke width, over the main part's, from which on what touches the border is a table, or a finger
const OTHER = 0.6 // least size of another whole character, which the network is to refuse
const OTHER_NEAR = 1.0 // greatest gap to such a character

/**
 * A connected part of the ink.
 * @typedef {object} Part
 * @property {number} number its label
 * @property {number} pixel index of its first one
 * @property {[number, number]} first row and column
 * @property {[number, number]} last row and column, plus one
 * @property {number} side the longer one of its box
 * @property {[number, number]} gaps rows and columns between its box and that of the main part; negative where they overlap
 * @property {number} inward how near to the middle the outline runs, of 1
 * @property {boolean} touches the border
 * @property {number} pen its width of stroke
 * @property {number} nearness to the middle, of all its outline
 */

/** @param {Mask} ink @returns {Mask} the parts that make up the character */
export function character(ink) {
  const { labels, parts } = measure(ink)
  if (!parts.length) throw new Refused('The picture shows only lines: draw a character.')
  const main = parts.reduce((best, part) => (part.nearness > best.nearness ? part : best))
  for (const part of parts) part.gaps = [gap(part, main, 0), gap(part, main, 1)]
  const kept = parts.map(
    (p) => p === main || !(isDirt(p, main) || isMarginal(p, main) || isFrame(p, main, labels, ink)),
  )
  return where(ink, (value, i) => value > 0 && kept[labels[i] - 1])
}

/** @param {Part} part @param {Part} main @param {0 | 1} axis */
const gap = (part, main, axis) => Math.max(part.first[axis] - main.last[axis], main.first[axis] - part.last[axis])

/** @param {Mask} ink @returns {{labels: Int32Array, parts: Part[]}} */
function measure(ink) {
  const { width, height, data } = ink
  const { labels, count } = label(ink)
  const touches = fromBorder(labels, count, width)
  const parts = boxes(labels, count, width).map(([x0, y0, x1, y1], i) => ({
    number: i + 1,
    pixel: labels.indexOf(i + 1),
    first: /** @type {[number, number]} */ ([y0, x0]),
    last: /** @type {[number, number]} */ ([y1, x1]),
    side: Math.max(y1 - y0, x1 - x0),
    gaps: /** @type {[number, number]} */ ([0, 0]),
    inward: 0,
    touches: Boolean(touches[i + 1]),
    pen: 0,
    nearness: 0,
    pixels: 0,
    outline: 0,
  }))
  const [down, across] = [nearness(height), nearness(width)]
  for (let y = 0, i = 0; y < height; y++) {
    for (let x = 0; x < width; x++, i++) {
      if (!data[i]) continue
      const part = parts[labels[i] - 1]
      part.pixels++
      const inner =
        (y === 0 || data[i - width]) &&
        (y === height - 1 || data[i + width]) &&
        (x === 0 || data[i - 1]) &&
        (x === width - 1 || data[i + 1])
      if (inner) continue
      part.outline++
      part.nearness += down[y] * across[x]
    }
  }
  for (const part of parts) {
    part.inward = part.nearness / Math.max(part.outline, 1)
    part.pen = (2 * part.pixels) / Math.max(part.outline, 1)
  }
  return { labels, parts }
}

/** @param {number} length @returns {number[]} weights, 0 at either end and 1 in the middle half */
const nearness = (length) =>
  Array.from({ length }, (_, i) => Math.min(1, 2 - 4 * Math.abs((i + 0.5) / length - 0.5)) ** 2)

/** @param {Part} part @param {Part} main */
function isDirt(part, main) {
  const near = Math.max(...part.gaps) < NEAR * main.side || isDot(part, main)
  return part.side < (near ? Math.max(DOT * main.pen, SPECK * main.side) : PART * main.side)
}

/**
 * Whether a part keeps to the border, unless it is close enough to the main one to be a stroke of it.
 * @param {Part} part
 * @param {Part} main
 */
function isMarginal(part, main) {
  if (part.inward >= (part.touches ? INWARD_TOUCHING : INWARD) * main.inward) return false
  const gaps = Math.max(...part.gaps)
  const reach = Math.max(
    ...[0, 1].map((axis) => {
      const middle = (main.first[axis] + main.last[axis]) / 2
      return Math.max(Math.abs(part.first[axis] - middle), Math.abs(part.last[axis] - middle))
    }),
  )
  const thin = !part.touches || part.pen < BLOB * main.pen
  const beside = gaps < (part.touches ? BESIDE_TOUCHING : BESIDE) * main.side && thin && reach < 0.75 * main.side
  const near = gaps < NEAR * main.side || (gaps < OTHER_NEAR * main.side && part.side > OTHER * main.side)
  return !beside && !(near && isDrawnAlike(part, main)) && !isDot(part, main)
}

/** @param {Part} part @param {Part} main */
const isDrawnAlike = (part, main) => part.pen > SAME_PEN * main.pen && !part.touches

/** @param {Part} part @param {Part} main */
function isDot(part, main) {
  if (main.last[1] - main.first[1] > NARROW * main.side) return false
  const above = part.first[0] <= (main.first[0] + main.last[0]) / 2
  const near = part.gaps[0] < DOT_ABOVE * main.side && part.gaps[1] < DOT_ASIDE * main.side
  return above && near && part.side < DOT_SIDE * main.side && isDrawnAlike(part, main)
}

/**
 * Whether a part goes all around the main one, or lies around the paper.
 * @param {Part} part
 * @param {Part} main
 * @param {Int32Array} labels
 * @param {Mask} ink
 */
function isFrame(part, main, labels, { width, height }) {
  const around = [0, 1].every((axis) => part.first[axis] < main.first[axis] && part.last[axis] > main.last[axis])
  if (!around || part.touches) return around
  const outside = mask(width + 2, height + 2)
  for (let y = 0; y < height + 2; y++) {
    for (let x = 0; x < width + 2; x++) {
      const inside = x > 0 && y > 0 && x <= width && y <= height
      outside.data[y * (width + 2) + x] = Number(!inside || labels[(y - 1) * width + x - 1] !== part.number)
    }
  }
  const reached = label(outside, false).labels
  const at = (Math.floor(main.pixel / width) + 1) * (width + 2) + (main.pixel % width) + 1
  return reached[at] !== reached[0]
}
