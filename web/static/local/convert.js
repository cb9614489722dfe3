// EMNIST's own conversion of a scan to 28×28: the twin of `emnist/picture/convert.py`, in the same order of summation.

import { BLANK, box, crop, Refused } from './arrays.js'
import { CONVERT } from './constants.js'

/** @import {Mask} from './arrays.js' */

const { SIDE, MARGIN, BORDER, TAPS, SIGMA } = CONVERT
const squares = Array.from({ length: TAPS }, (_, i) => ((i - (TAPS - 1) / 2) / SIGMA) ** 2)
const plain = squares.flatMap((a) => squares.map((b) => Math.exp(-(a + b) / 2)))
const total = plain.reduce((sum, each) => sum + each, 0)
const BLUR = Float64Array.from(plain, (each) => each / total) // TAPS × TAPS

/**
 * @param {Mask} ink
 * @returns {Uint8Array} 28×28, ink 255 on 0, as EMNIST's makers converted their scans
 */
export function emnist(ink) {
  const part = box(ink)
  if (!part) throw new Refused(BLANK)
  const { width, height, data } = crop(ink, part, 1)
  const longest = Math.max(width, height) - 2
  const [columns, rows] = [sources(width - 2, longest), sources(height - 2, longest)]
  const blurred = new Float64Array(SIDE * SIDE)
  for (let y = 0, at = 0; y < SIDE; y++) {
    for (let x = 0; x < SIDE; x++, at++) {
      for (let k = 0; k < TAPS; k++) {
        const start = rows[(TAPS - 1 - k) * SIDE + y] * width
        let sum = 0
        for (let j = 0; j < TAPS; j++) if (data[start + columns[j * SIDE + x]]) sum += BLUR[j * TAPS + k]
        blurred[at] += sum
      }
    }
  }
  const most = blurred.reduce((a, b) => Math.max(a, b), 0)
  if (!most) throw new Refused('The ink is too thin for its size: thicken or shrink it.')
  return Uint8Array.from(blurred, (value) => Math.floor((value / most) * 255))
}

/**
 * Which pixels of an axis `length` px long each of 28 pixels blurs, TAPS × 28; 0 and `length` + 1 are paper.
 * @param {number} length
 * @param {number} longest
 */
function sources(length, longest) {
  const padded = longest + MARGIN + 2 * BORDER - Number(length < longest)
  const scale = SIDE / padded
  const found = new Int32Array(TAPS * SIDE)
  for (let i = 0; i < SIDE; i++) {
    const sampled = Math.floor((i + 1) / scale + 0.5 * (1 - 1 / scale) + 0.5) // MATLAB's imresize, from 1
    const region = sampled - 1 - BORDER - ((longest - length) >> 1)
    const newest = region >= 0 && region < length + MARGIN ? region + 2 : 0
    for (let k = 0; k < TAPS; k++) found[k * SIDE + i] = Math.min(Math.max(newest - k, 0), length + 1)
  }
  return found
}
