// Which ink is written by hand, and which is type or a printed line: the twin of `emnist/text/layers.py`.

import { floats, map, where } from './arrays.js'

/** @import {Floats, Mask} from './arrays.js' */
/** @import {Convolutions} from './convolutions.js' */

const DARKEST = 1.5 // greatest contrast that is seen, in contrasts of ink; what is darker looks as dark as that
const [LINES, TYPE, WRITING, BOXES] = [0, 1, 2, 3] // channels of the answer
const UNIT = 32 // px: sides of what the network sees are multiples of this

/**
 * Log-odds of each pixel that ink there is type, and that it is a printed line, not writing; and which pixels are in the
 * middle of a box for one character.
 * @typedef {{type: Floats, lines: Floats, boxes: Mask}} Layers
 */

/** @param {Convolutions} network @param {Floats} contrast 0 for paper and 1 for most ink @returns {Promise<Layers>} */
export async function see(network, { width, height, data }) {
  const [wide, high] = [width, height].map((side) => UNIT * Math.ceil(side / UNIT))
  const padded = floats(wide, high)
  for (let y = 0, at = 0; y < high; y++) {
    const row = Math.min(y, height - 1) * width // the edge goes on
    for (let x = 0; x < wide; x++, at++) padded.data[at] = Math.min(data[row + Math.min(x, width - 1)], DARKEST)
  }
  const { data: logits } = await network.answer(padded)
  const channel = (/** @type {number} */ k) => {
    const found = floats(width, height)
    const first = k * wide * high
    for (let y = 0; y < height; y++)
      found.data.set(logits.subarray(first + y * wide, first + y * wide + width), y * width)
    return found
  }
  const writing = channel(WRITING)
  const odds = (/** @type {number} */ k) => map(channel(k), (value, i) => value - writing.data[i])
  return { type: odds(TYPE), lines: odds(LINES), boxes: where(channel(BOXES), (value) => value > 0) }
}
