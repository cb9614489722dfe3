// A picture of several characters: what of its ink is written by hand, and the marks, connected parts, that this is made
// of.  `emnist/text/sheets.py` does more: it knows rings, holes, and captions as large as the writing.

import { boxes, crop, floats, label, map, quantile, resize, where } from './arrays.js'
import { inBoxes } from './boxes.js'
import { PENS } from './constants.js'
import { emnist } from './convert.js'
import { INK_LEVEL, inkLevel } from './ink.js'
import { see } from './layers.js'
import { contrast } from './paper.js'
import { evenPen } from './pens.js'
import { cut, high, long, marksOf, together } from './pieces.js'
import { shrunk } from './sequence.js'
import { byHand, SPECK } from './writing.js'

/** @import {Bounds, Floats, Mask} from './arrays.js' */
/** @import {Convolutions} from './convolutions.js' */
/** @import {Rgba} from './paper.js' */
/** @import {Mark} from './pieces.js' */
/** @import {Line} from './sequence.js' */
/** @import {Written} from './several.js' */

export const LONGEST = 1000 // px: longer side to which larger pictures are shrunk
const LARGE = 200 // px: height of the marks above which a picture is shrunk further
const HANDY = 80 // px: height of its marks then
const FEW = 0.3 // share of the marks that may be lower
const LONGER = 1.5 // least length of the longest printed line, in heights of the highest writing: shorter ones are strokes
const LIKE_LINES = -1.3 // log-odds of a line, above which ink counts as one: parts of frames may look like a written 1
const MOST = 400 // most marks
const NEAR = 2 // px: width of a mark's grey edges
const DRAWN = Math.round(1.4 * PENS.RAW_SIDE) // px: longer side at which a character's outline is drawn

/** What is written there. @implements {Written} */
export class Sheet {
  /**
   * @param {Rgba} picture
   * @param {Floats} even its contrast in even light, perhaps smaller
   * @param {number} level that of its ink
   * @param {Mark[]} marks
   */
  constructor(picture, even, level, marks) {
    this.picture = picture
    this.even = even
    this.level = level
    this.marks = marks
  }

  /**
   * @param {Rgba} picture its longer side at most LONGEST
   * @param {Convolutions} layers
   * @returns {Promise<Sheet | null>} null if nothing is written there, or too much to be read; a blank one is refused
   */
  static async read(picture, layers) {
    const [even, level] = inSize(...inkLevel(contrast(picture)))
    const {
      type,
      lines,
      boxes: middles,
    } = await see(
      layers,
      map(even, (value) => value / level),
    )
    const ink = where(even, (value) => value > INK_LEVEL * level)
    const printed = where(ink, (value, i) => value > 0 && lines.data[i] > LIKE_LINES + Math.max(0, type.data[i]))
    const others = where(ink, (value, i) => value > printed.data[i])
    const rules = where(printed, (value, i) => value > 0 && lines.data[i] > Math.max(0, type.data[i]))
    const found = inBoxes(marksOf(others, type), middles, rules)
    const isForm = found.some(({ boxed }) => boxed)
    const marks = byHand(isForm || isRuled(printed, others) ? found : marksOf(ink, type))
    return marks.length && marks.length <= MOST ? new Sheet(picture, even, level, marks) : null
  }

  get boxes() {
    return this.marks.map(({ box }) => box)
  }

  get whole() {
    return this.marks.map(({ boxed }) => Boolean(boxed))
  }

  /** @param {number[]} marks @returns {{ink: Mask, box: Bounds}} all their ink, and the box around it */
  together(marks) {
    return together(marks.map((i) => this.marks[i]))
  }

  /** @param {number[]} marks @param {number} height @returns {Line | null} */
  line(marks, height) {
    const { ink, box } = this.together(marks)
    const line = shrunk(ink, height)
    return line && { ...line, x: (place) => line.x(place) + box[0] }
  }

  /** @param {number[]} marks of a character @returns {Mask} its outline, finer than a pixel, in EMNIST's pen and size */
  pen(marks) {
    const { ink, box } = this.together(marks)
    const [left, top] = [box[0] - NEAR, box[1] - NEAR]
    const near = grown(ink)
    const grey = floats(near.width, near.height)
    near.data.forEach((value, i) => {
      const [x, y] = [left + (i % near.width), top + Math.floor(i / near.width)]
      const inside = x >= 0 && y >= 0 && x < this.even.width && y < this.even.height
      if (value && inside) grey.data[i] = this.even.data[y * this.even.width + x] / this.level
    })
    const scale = DRAWN / Math.max(ink.width, ink.height)
    const [width, height] = [grey.width, grey.height].map((side) => Math.max(1, Math.round(side * scale)))
    const smooth = resize(grey, width, height)
    const most = smooth.data.reduce((a, b) => Math.max(a, b), 0) // of a large thin mark, shrinking leaves less than 1
    return evenPen(where(smooth, (value) => value > INK_LEVEL * Math.min(1, most)))
  }

  /** @param {number[]} marks @returns {Uint8Array} */
  image(marks) {
    return emnist(this.pen(marks))
  }

  /** @param {number} mark @param {number[]} middles @returns {number[]} cut where the least ink is crossed */
  cut(mark, middles) {
    return cut(this.marks[mark], middles).map((piece) => this.marks.push(piece) - 1)
  }
}

/** @param {Mask} ink @returns {Bounds[]} those of its connected parts */
function boxesOf(ink) {
  const { labels, count } = label(ink)
  return boxes(labels, count, ink.width)
}

/** @param {Floats} even @param {number} level @returns {[Floats, number]} smaller if all on it is large, as networks learnt it */
function inSize(even, level) {
  const heights = boxesOf(where(even, (value) => value > INK_LEVEL * level)).map(high)
  const least = SPECK * Math.max(...heights)
  const written = heights.filter((each) => each > least)
  const usual = quantile(written, FEW)
  if (usual <= LARGE) return [even, level]
  const [width, height] = [even.width, even.height].map((side) => Math.round((side * HANDY) / usual))
  return inkLevel(resize(even, width, height))
}

/** @param {Mask} printed @param {Mask} others @returns {boolean} whether a line is longer than any writing is high */
function isRuled(printed, others) {
  return Math.max(0, ...boxesOf(printed).map(long)) > LONGER * Math.max(0, ...boxesOf(others).map(high))
}

/** @param {Mask} ink @returns {Mask} with NEAR px of paper around it, and all pixels that touch it */
function grown(ink) {
  const roomy = crop(ink, { x0: 0, y0: 0, x1: ink.width, y1: ink.height }, NEAR)
  const beside = [-1, 0, 1].flatMap((dy) => [-1, 0, 1].map((dx) => dy * roomy.width + dx))
  return where(roomy, (_, i) => beside.some((by) => roomy.data[i + by]))
}
