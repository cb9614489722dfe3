// How bright the paper is under every pixel of a picture: the twin of `emnist/picture/light.py`, without shadows that
// have edges.

import { fromBorder, label, map, median, otsu, resize, rim, where } from './arrays.js'
import { closing, mean3 } from './filters.js'

/** @import {Floats} from './arrays.js' */

const SIDE = 200 // px: greatest longer side at which the paper is estimated
const SURFACE_SIDE = 20 // px: longer side at which a surface is fitted to smooth light
const FITS = 4 // rounds of that fit, each without the pixels below the surface of the last
const WINDOWS = [1 / 12, 1 / 6, 1 / 3] // of the closing, over the longer side; the last is wider than any stroke
const SHADE = 0.4 // brightness (0 to 1) below white up to which a pixel counts as paper: shadows are hardly ever darker
const LOST = 0.1 // greatest share of the ink that may be missing with a smaller window
const EVEN = 0.02 // brightness: paper that varies less all along the border and nearly everywhere is evenly lit
const EVEN_SHARE = 0.9 // share of the paper that counts as nearly everywhere

/** @param {Floats} grey @returns {Floats} */
export function under(grey) {
  const small = fit(grey, SIDE)
  const white = median(small.data)
  if (isEven(small, white)) return map(grey, () => white)
  const surface = map(surfaceOf(fit(small, SURFACE_SIDE), small), (value) => Math.max(value, 1 / 255))
  const plain = brightest(small)
  const bent = brightest(map(small, (value, i) => value / surface.data[i]))
  const paper = map(plain, (value, i) => Math.min(value, bent.data[i] * surface.data[i]))
  return resize(mean3(paper), grey.width, grey.height)
}

/** @param {Floats} grey @param {number} white */
function isEven(grey, white) {
  const paper = grey.data.filter((value) => value > white - SHADE)
  const even = paper.filter((value) => Math.abs(value - white) < EVEN).length / paper.length
  return even > EVEN_SHARE && rim(grey).every((value) => Math.abs(value - white) < EVEN)
}

/**
 * The closing of `grey` by the smallest window that no stroke fills, so that it follows shadows closely.  What a smaller
 * window takes for paper may be strokes or shade; it is shade if it is connected to the border and not dark.
 * @param {Floats} grey
 */
function brightest(grey) {
  const close = (/** @type {number} */ window) =>
    closing(grey, Math.max(3, Math.round(window * Math.max(grey.width, grey.height))))
  const largest = close(WINDOWS[2])
  const dark = map(largest, (value, i) => value - grey.data[i])
  const [threshold] = otsu(dark.data)
  const ink = where(dark, (value) => value > threshold)
  const { labels, count } = label(ink, false)
  const touches = fromBorder(labels, count, grey.width)
  const strokes = where(ink, (value, i) => value > 0 && (dark.data[i] > SHADE || !touches[labels[i]]))
  const pixels = strokes.data.reduce((sum, each) => sum + each, 0)
  for (const window of WINDOWS.slice(0, -1)) {
    const closed = close(window)
    let lost = 0
    for (let i = 0; i < closed.data.length; i++) {
      if (strokes.data[i] && closed.data[i] - grey.data[i] < dark.data[i] / 2) lost++
    }
    if (lost <= LOST * pixels) return closed
  }
  return largest
}

/** @param {Floats} grey @param {number} side */
function fit(grey, side) {
  const scale = Math.min(1, side / Math.max(grey.width, grey.height))
  return resize(grey, Math.max(1, Math.round(grey.width * scale)), Math.max(1, Math.round(grey.height * scale)))
}

/**
 * The quadratic surface of the size of `like` that fits most of `grey`, its dark pixels left out.
 * @param {Floats} grey
 * @param {Floats} like
 */
function surfaceOf(grey, like) {
  const known = terms(grey)
  const value = (/** @type {number[]} */ row, /** @type {number[]} */ weights) =>
    row.reduce((sum, each, k) => sum + each * weights[k], 0)
  let bright = known.map(() => true)
  /** @type {number[]} */
  let weights = []
  for (let round = 0; round < FITS; round++) {
    const chosen = known.flatMap((row, i) => (bright[i] ? [{ row, wanted: grey.data[i] }] : []))
    weights = leastSquares(chosen)
    const off = known.map((row, i) => grey.data[i] - value(row, weights))
    const usual = off.reduce((sum, each, i) => sum + (bright[i] ? Math.abs(each) : 0), 0) / chosen.length
    bright = off.map((each) => each > -Math.max(0.02, usual))
  }
  const rows = terms(like)
  return map(like, (_, i) => value(rows[i], weights))
}

/** @param {Floats} pixels @returns {number[][]} the six terms of a quadratic surface at the middle of each pixel */
function terms({ width, height }) {
  return Array.from({ length: width * height }, (_, i) => {
    const x = (2 * (i % width) + 1) / width - 1
    const y = (2 * Math.floor(i / width) + 1) / height - 1
    return [1, x, y, x * x, x * y, y * y]
  })
}

/** @param {{row: number[], wanted: number}[]} known @returns {number[]} the weights that fit best */
function leastSquares(known) {
  const size = known[0].row.length
  const rows = Array.from({ length: size }, (_, i) => [
    ...Array.from({ length: size }, (_, j) =>
      known.reduce((sum, { row }) => sum + row[i] * row[j], i === j ? 1e-9 : 0),
    ),
    known.reduce((sum, { row, wanted }) => sum + row[i] * wanted, 0),
  ])
  for (let i = 0; i < size; i++) {
    for (let j = i + 1; j < size; j++)
      if (Math.abs(rows[j][i]) > Math.abs(rows[i][i])) [rows[i], rows[j]] = [rows[j], rows[i]]
    for (let j = 0; j < size; j++) {
      if (j === i) continue
      const factor = rows[j][i] / rows[i][i]
      for (let k = i; k <= size; k++) rows[j][k] -= factor * rows[i][k]
    }
  }
  return rows.map((row, i) => row[size] / row[i])
}
