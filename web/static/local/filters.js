// Blurs, the extremes of windows, and distances.

import { floats, map, transposed } from './arrays.js'

/** @import {Floats, Mask} from './arrays.js' */

/**
 * @param {Floats} pixels
 * @param {number} sigma px
 * @returns {Floats} blurred, mirrored at the border
 */
export function gaussian(pixels, sigma) {
  const reach = Math.floor(4 * sigma + 0.5)
  const taps = Array.from({ length: 2 * reach + 1 }, (_, i) => Math.exp(-((i - reach) ** 2) / (2 * sigma * sigma)))
  const sum = taps.reduce((a, b) => a + b, 0)
  return bothWays(pixels, (rows) =>
    weighed(
      rows,
      taps.map((tap) => tap / sum),
      mirrored,
    ),
  )
}

/** @param {Floats} pixels @returns {Floats} blurred with the binomial weights 1, 4, 6, 4, 1: σ = 1 px */
export const binomial = (pixels) =>
  bothWays(pixels, (rows) => weighed(rows, [1 / 16, 4 / 16, 6 / 16, 4 / 16, 1 / 16], nearest))

/** @param {Floats} pixels @returns {Floats} the means of 3 × 3 */
export const mean3 = (pixels) => bothWays(pixels, (rows) => weighed(rows, [1 / 3, 1 / 3, 1 / 3], mirrored))

/** @param {Floats} pixels @param {(rows: Floats) => Floats} along */
const bothWays = (pixels, along) => transposed(along(transposed(along(pixels))))

/** @param {number} at @param {number} length */
const nearest = (at, length) => Math.min(Math.max(at, 0), length - 1)

/** @param {number} at @param {number} length */
function mirrored(at, length) {
  const period = 2 * length
  const inside = ((at % period) + period) % period
  return inside < length ? inside : period - 1 - inside
}

/**
 * @param {Floats} pixels
 * @param {number[]} taps
 * @param {(at: number, length: number) => number} beyond which pixel stands for one beyond the border
 */
function weighed({ width, height, data }, taps, beyond) {
  const reach = taps.length >> 1
  const result = floats(width, height)
  for (let x = 0; x < width; x++) {
    const inside = x >= reach && x + reach < width
    for (let k = 0; k < taps.length; k++) {
      const from = inside ? x + k - reach : beyond(x + k - reach, width)
      const tap = taps[k]
      for (let y = 0, row = 0; y < height; y++, row += width) result.data[row + x] += tap * data[row + from]
    }
  }
  return result
}

/**
 * The brightest of a window around each pixel, then the darkest of these (a closing).
 * @param {Floats} pixels
 * @param {number} size px, of the window
 */
export function closing(pixels, size) {
  return closed(pixels, (each) => brightest(each, size))
}

/**
 * @param {Floats} pixels
 * @param {number} size px, odd
 * @returns {Floats} the brightest of a window around each pixel
 */
export const brightest = (pixels, size) => bothWays(pixels, (rows) => largest(rows, size, size >> 1))

/** @param {Floats} rows @param {number} size px, odd @returns {Floats} without what is darker along less of a row */
export function closedRows(rows, size) {
  return closed(rows, (each) => largest(each, size, size >> 1))
}

/** @param {Floats} pixels @param {(pixels: Floats) => Floats} brightened @returns {Floats} */
function closed(pixels, brightened) {
  const negative = map(brightened(pixels), (value) => -value)
  return map(brightened(negative), (value) => -value)
}

/**
 * The largest of `size` pixels of a row around each pixel; a window twice as wide takes one comparison more.
 * @param {Floats} pixels
 * @param {number} size
 * @param {number} before how many of them stand before it
 */
function largest({ width, height, data }, size, before) {
  const result = floats(width, height)
  const row = new Float64Array(width + size - 1)
  for (let y = 0, at = 0; y < height; y++, at += width) {
    for (let x = 0; x < row.length; x++) row[x] = data[at + nearest(x - before, width)]
    let reach = 1
    for (; 2 * reach <= size; reach *= 2) {
      for (let x = 0; x + reach < row.length; x++) if (row[x + reach] > row[x]) row[x] = row[x + reach]
    }
    for (let x = 0, last = size - reach; x < width; x++, last++) {
      result.data[at + x] = Math.max(row[x], row[last])
    }
  }
  return result
}

/**
 * How far each pixel's middle is from that of the nearest pixel outside of `inside`, in px (Felzenszwalb and
 * Huttenlocher 2012).
 * @param {Mask} inside
 * @returns {Floats}
 */
export function distances({ width, height, data }) {
  const far = (width + height) ** 2
  const flat = floats(width, height)
  for (let i = 0; i < data.length; i++) flat.data[i] = data[i] ? far : 0
  return map(bothWays(flat, parabolas), Math.sqrt)
}

/** @param {Floats} pixels @returns {Floats} of each row the least of value + squared distance */
function parabolas({ width, height, data }) {
  const result = floats(width, height)
  const vertex = new Int32Array(width)
  const edge = new Float64Array(width + 1)
  for (let y = 0; y < height; y++) {
    const row = data.subarray(y * width, (y + 1) * width)
    const meet = (/** @type {number} */ q, /** @type {number} */ v) =>
      (row[q] + q * q - row[v] - v * v) / (2 * q - 2 * v)
    let k = 0
    vertex[0] = 0
    edge[0] = -Infinity
    edge[1] = Infinity
    for (let q = 1; q < width; q++) {
      while (meet(q, vertex[k]) <= edge[k]) k--
      k++
      edge[k] = meet(q, vertex[k - 1])
      vertex[k] = q
      edge[k + 1] = Infinity
    }
    for (let x = 0, at = 0; x < width; x++) {
      while (edge[at + 1] < x) at++
      result.data[y * width + x] = (x - vertex[at]) ** 2 + row[vertex[at]]
    }
  }
  return result
}
