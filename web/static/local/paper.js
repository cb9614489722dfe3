// From a colour picture to contrast: how much each pixel differs from the paper it lies on.  The twin of
// `emnist/picture/paper.py`, without sheets of paper on a table.

import { floats, map, median, otsu, Refused, resize, rim } from './arrays.js'
import { gaussian } from './filters.js'
import { under } from './light.js'

/** @import {Floats} from './arrays.js' */
/** @typedef {{width: number, height: number, data: Uint8ClampedArray | Uint8Array}} Rgba */

const COLOUR_SIDE = 50 // px: longer side to which a picture is shrunk to tell ink from paper
const FINE = 0.1 // σ of the blur that leaves light and shade, over the longer side; the difference from it is strokes
const TWO_TONE = 0.8 // share of the variance that two grey levels explain (Otsu), from which on light counts as even
const TOSS = 0.15 // skewness of the fine structure from which on ink is light on dark
const BORDER = [-0.1, 0.4] // limits of 0.5 less the dark share of the border; low if dark: maybe a desk around paper
const CARD_FILL = 0.6 // share of its bounding box above which an opaque part is paper, not strokes
const CARD_CONTRAST = 0.05 // standard deviation of its colours (0 to 1) above which something is written on it

/**
 * @param {Rgba} picture
 * @returns {Floats} in [0, 1]: 0 for paper, 1 for ink that reflects no light, or on dark paper all light
 */
export function contrast(picture) {
  const grey = greyOf(opaque(picture))
  const paper = under(grey)
  const dark = map(grey, (value, i) => 1 - value / Math.max(paper.data[i], 1 / 255))
  const usual = median(sample(dark))
  return map(dark, (value) => Math.min(1, Math.max(0, value - usual)))
}

/** @param {Floats} pixels @returns {Float64Array} every second of every second row: enough for a median */
export function sample({ width, height, data }) {
  const across = Math.ceil(width / 2)
  return Float64Array.from({ length: across * Math.ceil(height / 2) }, (_, i) => {
    const y = Math.floor(i / across)
    return data[2 * y * width + 2 * (i - y * across)]
  })
}

/**
 * @param {Rgba} picture
 * @returns {Floats[]} red, green and blue in [0, 1], transparent parts filled with what must be paper
 */
export function opaque({ width, height, data }) {
  const ground = paperUnder({ width, height, data })
  return [0, 1, 2].map((channel) => {
    const plane = floats(width, height)
    for (let i = 0; i < plane.data.length; i++) {
      const alpha = data[4 * i + 3] / 255
      plane.data[i] = (data[4 * i + channel] * alpha + ground[channel] * (1 - alpha)) / 255
    }
    return plane
  })
}

/** @param {Rgba} picture @returns {number[]} the colour of the paper that transparent parts show */
function paperUnder({ width, data }) {
  const alphas = Array.from({ length: data.length / 4 }, (_, i) => data[4 * i + 3])
  const most = alphas.reduce((a, b) => Math.max(a, b), 0)
  if (!most) throw new Refused('The picture is transparent: write something first.')
  if (alphas.every((alpha) => alpha === 255)) return [0, 0, 0]
  const shown = alphas.flatMap((alpha, i) => (alpha > most >> 1 ? [i] : []))
  const xs = shown.map((i) => i % width)
  const ys = shown.map((i) => Math.floor(i / width))
  const span = (/** @type {number[]} */ values) =>
    values.reduce((a, b) => Math.max(a, b)) - values.reduce((a, b) => Math.min(a, b)) + 1
  const colours = [0, 1, 2].map((channel) => shown.map((i) => data[4 * i + channel]))
  const means = colours.map((values) => values.reduce((a, b) => a + b, 0) / values.length)
  const spread = colours.map((values, c) =>
    Math.sqrt(values.reduce((sum, value) => sum + (value - means[c]) ** 2, 0) / values.length),
  )
  const filled = shown.length / (span(xs) * span(ys))
  if (filled > CARD_FILL && Math.max(...spread) > CARD_CONTRAST * 255) return colours.map((values) => median(values))
  return (means[0] + means[1] + means[2]) / 3 < 128 ? [255, 255, 255] : [0, 0, 0]
}

/**
 * Brightness in [0, 1] along the colour axis in which ink differs most from paper, ink the darker.
 * @param {Floats[]} colours
 */
function greyOf(colours) {
  const { width, height } = colours[0]
  const scale = COLOUR_SIDE / Math.max(width, height)
  const size = [width, height].map((side) => Math.max(1, Math.round(side * scale)))
  const small = colours.map((plane) => resize(plane, size[0], size[1]))
  const fine = small.map((plane) => {
    const smooth = gaussian(plane, FINE * COLOUR_SIDE)
    return plane.data.map((value, i) => value - smooth.data[i])
  })
  const axis = mainAxis(fine)
  const black = axis.reduce((sum, each) => sum + Math.min(each, 0), 0) // the least that any colour has along the axis
  const along = (/** @type {Float64Array[]} */ planes, /** @type {number} */ less) =>
    planes[0].map((_, i) => axis[0] * planes[0][i] + axis[1] * planes[1][i] + axis[2] * planes[2][i] - less)
  const grey = {
    width,
    height,
    data: along(
      colours.map(({ data }) => data),
      black,
    ),
  }
  const tiny = {
    width: size[0],
    height: size[1],
    data: along(
      small.map(({ data }) => data),
      black,
    ),
  }
  return isInkDark(tiny, along(fine, 0)) ? grey : map(grey, (value) => 1 - value)
}

/** @param {Float64Array[]} fine three planes @returns {number[]} the axis of their largest variance, its sizes summing to 1 */
function mainAxis(fine) {
  const products = fine.map((a) => fine.map((b) => a.reduce((sum, value, i) => sum + value * b[i], 0)))
  let axis = [0.5, 0.6, 0.4]
  for (let round = 0; round < 100; round++) {
    const next = products.map((row) => row.reduce((sum, each, i) => sum + each * axis[i], 0))
    const length = Math.hypot(...next)
    if (length < 1e-12) break
    axis = next.map((each) => each / length)
  }
  const sum = axis.reduce((a, b) => a + b, 0)
  const size = axis.reduce((a, b) => a + Math.abs(b), 0) * (sum >= 0 ? 1 : -1)
  return axis.map((each) => each / size)
}

/**
 * Whether ink is darker than paper: there is less of it, and around the border hardly any.
 * @param {Floats} grey
 * @param {Float64Array} fine
 */
function isInkDark(grey, fine) {
  const mean = (/** @type {number} */ power) => fine.reduce((sum, each) => sum + each ** power, 0) / fine.length
  const skewness = mean(3) / Math.max(mean(2) ** 1.5, 1e-12)
  const [threshold, explained] = otsu(grey.data)
  if (explained < TWO_TONE) return skewness < TOSS
  const edge = rim(grey)
  const dark = edge.filter((value) => value <= threshold).length / edge.length
  return skewness < 2 * Math.min(BORDER[1], Math.max(BORDER[0], 0.5 - dark))
}
