// The way from any picture to what the network sees: the twin of `emnist/picture/steps.py`, simpler.  It knows no sheets
// of paper on a table, no ruled lines, no shadows with edges.

import { emnist } from './convert.js'
import { characterOf } from './ink.js'
import { contrast } from './paper.js'
import { evenPen } from './pens.js'

/** @import {Floats, Mask} from './arrays.js' */
/** @import {Rgba} from './paper.js' */

export const SIDE = 400 // px: longer side to which larger pictures are shrunk
export const LEAST_SIDE = 200 // px: longer side to which smaller ones are enlarged: grey edges become smooth outlines

/**
 * @param {Rgba} picture whose longer side is from LEAST_SIDE to SIDE
 * @returns {{contrast: Floats, ink: Mask, pen: Mask, image: Uint8Array}}
 */
export function prepare(picture) {
  const even = contrast(picture)
  const ink = characterOf(even)
  const pen = evenPen(ink)
  return { contrast: even, ink, pen, image: emnist(pen) }
}
