// The pen made as broad as EMNIST's, and the size that of its scans: the twin of `emnist/picture/pens.py`.

import { BLANK, box, crop, map, Refused, resize, where } from './arrays.js'
import { PENS } from './constants.js'
import { distances } from './filters.js'

/** @import {Mask} from './arrays.js' */

const [THIN, BROAD] = PENS.PEN
const { RAW_SIDE } = PENS

/**
 * Both are done on the signed distance to the outline, so that strokes grow evenly and thin ones survive shrinking.
 * @param {Mask} ink
 * @returns {Mask}
 */
export function evenPen(ink) {
  const whole = box(ink)
  if (!whole) throw new Refused(BLANK)
  const close = crop(ink, whole, 1)
  const sides = [close.width - 2, close.height - 2]
  const longest = Math.max(...sides)
  const inside = map(distances(close), (value) => value - 0.5)
  const within = inside.data.filter((_, i) => close.data[i])
  const pen = (4 * within.reduce((sum, each) => sum + each, 0)) / within.length // strokes are 4 mean distances wide
  const wanted = Math.min(Math.max(pen / longest, THIN), BROAD)
  const least = -within.reduce((most, each) => Math.max(most, each), 0) / 2
  const grow = Math.max((wanted * longest - pen) / 2 / (1 - wanted), least)
  const margin = Math.floor(Math.max(grow, 0)) + 1
  const roomy = crop(close, { x0: 0, y0: 0, x1: close.width, y1: close.height }, margin)
  const paper = where(roomy, (value) => !value)
  const outside = distances(paper)
  const own = crop(inside, { x0: 0, y0: 0, x1: close.width, y1: close.height }, margin)
  const distance = map(own, (value, i) => (roomy.data[i] ? value : 0.5 - outside.data[i]))
  const start = margin + 1 - grow
  const [right, bottom] = sides.map((side) => margin + 1 + grow + side)
  const [width, height] = sides.map((side) =>
    Math.max(1, Math.round(((side + 2 * grow) * RAW_SIDE) / (longest + 2 * grow))),
  )
  const drawn = where(resize(distance, width, height, [start, start, right, bottom]), (value) => value > -grow)
  const strokes = box(drawn)
  return strokes ? crop(drawn, strokes) : drawn
}
