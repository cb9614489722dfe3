// Where the ink is that the character is written with: the twin of `emnist/picture/ink.py`, without ruled lines.

import { BLANK, map, median, otsu, Refused, where } from './arrays.js'
import { binomial } from './filters.js'
import { sample } from './paper.js'
import { character } from './parts.js'

/** @import {Floats, Mask} from './arrays.js' */

const GRAIN = 0.002 // median contrast of a pixel to its blurred surroundings above which it is noise, to be smoothed
const LEAST_CONTRAST = 0.03 // contrast of the ink (0 to 1) below which the picture is blank
const LEAST_OVER_GRAIN = 8 // contrast of the ink over that of the noise, below which the picture is blank, too
export const INK_LEVEL = 0.5 // share of the ink's typical contrast above which a pixel is ink
const DARKER = 1.25 // contrast of the character's ink over that of all ink, above which its own decides

/** @param {Floats} contrast @returns {Mask} where the character is: half as strong as its ink typically is */
export function characterOf(contrast) {
  const [even, level] = inkLevel(contrast)
  const ink = character(where(even, (value) => value > INK_LEVEL * level))
  const own = median(even.data.filter((_, i) => ink.data[i]))
  return own > DARKER * level ? character(where(even, (value) => value > INK_LEVEL * own)) : ink
}

/** @param {Floats} even @returns {[Floats, number]} contrast without grain, and what all ink in it typically has */
export function inkLevel(even) {
  const smooth = binomial(even)
  const grain = median(sample(map(even, (value, i) => Math.abs(value - smooth.data[i]))))
  const plain = grain > GRAIN ? smooth : even
  const [threshold] = otsu(plain.data)
  const strong = plain.data.filter((value) => value > threshold)
  const level = strong.length ? median(strong) : 0
  if (level < Math.max(LEAST_CONTRAST, LEAST_OVER_GRAIN * grain)) {
    throw new Refused(BLANK)
  }
  return [plain, level]
}
