// Which ink is written by hand, and which is type or a printed line: the twin of `emnist/text/layers.py`, without boxes.

import { floats } from './arrays.js'

/** @import {Floats} from './arrays.js' */
/** @import {Convolutions} from './convolutions.js' */

const DARKEST = 1.5 // greatest contrast that is seen, in contrasts of ink; what is darker looks as dark as that
const [LINES, TYPE, WRITING] = [0, 1, 2] // channels of the answer
const UNIT = 32 // px: sides of what the network sees are multiples of this

/** Log-odds of each pixel that ink there is type, and that it is a printed line, not writing. @typedef {{type: Floats, lines: Floats}} Odds */

/** @param {Convolutions} network @param {Floats} contrast 0 for paper and 1 for most ink @returns {Promise<Odds>} */
export async function see(network, { width, height, data }) {
  const [wide, high] = [width, height].map((side) => UNIT * Math.ceil(side / UNIT))
  const padded = floats(wide, high)
  for (let y = 0, at = 0; y < high; y++) {
    const row = Math.min(y, height - 1) * width // the edge goes on
    for (let x = 0; x < wide; x++, at++) padded.data[at] = Math.min(data[row + Math.min(x, width - 1)], DARKEST)
  }
  const { data: logits } = await network.answer(padded)
  const odds = (/** @type {number} */ channel) => {
    const found = floats(width, height)
    for (let y = 0, i = 0; y < height; y++) {
      for (let x = 0, at = y * wide; x < width; x++, i++, at++) {
        found.data[i] = logits[channel * wide * high + at] - logits[WRITING * wide * high + at]
      }
    }
    return found
  }
  return { type: odds(TYPE), lines: odds(LINES) }
}
