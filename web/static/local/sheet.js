// A picture of several characters: what of its ink is written by hand, and the marks, connected parts, that this is made
// of.  `emnist/text/sheets.py` does more: it knows boxes, rings, holes, and captions as large as the writing.

import { boxes, box as boxOf, crop, floats, label, map, mask, median, quantile, resize, where } from './arrays.js'
import { PENS } from './constants.js'
import { emnist } from './convert.js'
import { around } from './drawing.js'
import { INK_LEVEL, inkLevel } from './ink.js'
import { see } from './layers.js'
import { contrast } from './paper.js'
import { evenPen } from './pens.js'
import { shrunk } from './sequence.js'

/** @import {Bounds, Floats, Mask} from './arrays.js' */
/** @import {Convolutions} from './convolutions.js' */
/** @import {Rgba} from './paper.js' */
/** @import {Line} from './sequence.js' */
/** @import {Written} from './several.js' */

/**
 * A connected part of the ink.
 * @typedef {object} Mark
 * @property {Mask} ink in its box
 * @property {Bounds} box px: first column and row, and those after the last
 * @property {number} odds mean log-odds that it is type
 */

export const LONGEST = 1000 // px: longer side to which larger pictures are shrunk
const LARGE = 200 // px: height of the marks above which a picture is shrunk further
const HANDY = 80 // px: height of its marks then
const FEW = 0.3 // share of the marks that may be lower
const SPECK = 0.1 // greatest side of dirt, in heights of the writing
const LONGER = 1.5 // least length of the longest printed line, in heights of the highest writing: shorter ones are strokes
const AS_HIGH = [0.55, 2] // least and greatest height of what may be writing though it looks like type, in heights of the writing
const SURELY = [8, 3.5] // mean log-odds of type, from which on that is type nevertheless: of one mark, of a word of several
const LETTER_GAP = 0.5 // greatest gap between letters of a word, in heights of the writing
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
    const { type, lines } = await see(
      layers,
      map(even, (value) => value / level),
    )
    const ink = where(even, (value) => value > INK_LEVEL * level)
    const printed = where(ink, (value, i) => value > 0 && lines.data[i] > LIKE_LINES + Math.max(0, type.data[i]))
    const others = where(ink, (value, i) => value > printed.data[i])
    const marks = byHand(marksOf(isRuled(printed, others) ? others : ink, type))
    return marks.length && marks.length <= MOST ? new Sheet(picture, even, level, marks) : null
  }

  get boxes() {
    return this.marks.map(({ box }) => box)
  }

  /** @param {number[]} marks @returns {{ink: Mask, box: Bounds}} all their ink, and the box around it */
  together(marks) {
    const own = marks.map((i) => this.marks[i])
    const box = around(own.map((mark) => mark.box))
    const all = mask(box[2] - box[0], box[3] - box[1])
    for (const {
      ink,
      box: [x0, y0],
    } of own) {
      const corner = (y0 - box[1]) * all.width + x0 - box[0]
      ink.data.forEach((value, i) => {
        if (value) all.data[corner + Math.floor(i / ink.width) * all.width + (i % ink.width)] = 1
      })
    }
    return { ink: all, box }
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
    const { ink, box, odds } = this.marks[mark]
    const [left, top] = box
    const crossed = new Int32Array(ink.width)
    for (const [i, value] of ink.data.entries()) crossed[i % ink.width] += value
    const seams = middles.slice(1).map((to, k) => {
      const from = Math.floor(middles[k] - left) + 1
      const between = crossed.subarray(from, Math.ceil(to - left))
      return from + Math.max(0, between.indexOf(Math.min(...between)))
    })
    const ends = [0, ...seams, ink.width]
    return middles.flatMap((_, k) => {
      const piece = crop(ink, { x0: ends[k], y0: 0, x1: ends[k + 1], y1: ink.height })
      const part = boxOf(piece)
      if (!part) return []
      const x = left + ends[k]
      /** @type {Bounds} */
      const place = [x + part.x0, top + part.y0, x + part.x1, top + part.y1]
      return this.marks.push({ ink: crop(piece, part), box: place, odds }) - 1
    })
  }
}

/** @param {Bounds} box */
const high = ([, y0, , y1]) => y1 - y0

/** @param {Bounds} box */
const long = ([x0, y0, x1, y1]) => Math.max(x1 - x0, y1 - y0)

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

/**
 * @param {Mark[]} marks
 * @returns {Mark[]} without dirt, and without type beside writing; regular writing looks like type, so a word that may be
 *   either stays where it is as high as the writing
 */
function byHand(marks) {
  const sure = marks.filter(({ odds }) => odds <= 0)
  const usual = usually(sure.length ? sure : marks)
  const large = marks.filter(({ box }) => long(box) > SPECK * usual)
  if (!sure.length) return large
  const doubtful = marks.filter(({ odds }) => odds > 0)
  const type = words(doubtful, LETTER_GAP * usual).filter(isTyped)
  const typed = new Set(type.flat())
  const asHigh = (/** @type {Mark} */ { box }) => high(box) > AS_HIGH[0] * usual && high(box) < AS_HIGH[1] * usual
  return large.filter((mark) => mark.odds <= 0 || (asHigh(mark) && !typed.has(mark)))
}

/** @param {Mark[]} word @returns {boolean} */
function isTyped(word) {
  const ink = word.map(pixels)
  const odds = word.reduce((sum, mark, i) => sum + mark.odds * ink[i], 0) / ink.reduce((a, b) => a + b, 0)
  return odds > SURELY[word.length > 1 ? 1 : 0]
}

/** @param {Mark[]} marks @param {number} gap px @returns {Mark[][]} those beside each other, no farther than `gap` apart */
function words(marks, gap) {
  /** @type {Mark[][]} */
  const ended = []
  /** @type {Mark[][]} */
  let open = []
  for (const mark of [...marks].sort((a, b) => a.box[0] - b.box[0])) {
    const [x0, y0, , y1] = mark.box
    const reaches = (/** @type {Mark} */ { box }) => x0 < box[2] + gap
    const [near, others] = [[mark], /** @type {Mark[][]} */ ([])]
    for (const word of open) {
      if (word.some((other) => reaches(other) && other.box[1] < y1 && y0 < other.box[3])) near.push(...word)
      else (word.some(reaches) ? others : ended).push(word)
    }
    open = [near, ...others]
  }
  return [...ended, ...open]
}

/** @param {Mark[]} marks @returns {number} how high most of their ink is; 0 for none */
const usually = (marks) => median(marks.flatMap((mark) => Array(pixels(mark)).fill(high(mark.box)))) || 0

/** @param {Mark} mark @returns {number} how many they are */
const pixels = ({ ink }) => ink.data.reduce((sum, each) => sum + each, 0)

/** @param {Mask} ink @param {Floats} odds of each pixel @returns {Mark[]} its connected parts */
function marksOf(ink, odds) {
  const { labels, count } = label(ink)
  return boxes(labels, count, ink.width).map((box, k) => {
    const [x0, y0, x1, y1] = box
    const own = mask(x1 - x0, y1 - y0)
    let [sum, area] = [0, 0]
    own.data.forEach((_, i) => {
      const at = (y0 + Math.floor(i / own.width)) * ink.width + x0 + (i % own.width)
      if (labels[at] !== k + 1) return
      own.data[i] = 1
      sum += odds.data[at]
      area++
    })
    return { ink: own, box, odds: sum / area }
  })
}

/** @param {Mask} ink @returns {Mask} with NEAR px of paper around it, and all pixels that touch it */
function grown(ink) {
  const roomy = crop(ink, { x0: 0, y0: 0, x1: ink.width, y1: ink.height }, NEAR)
  const beside = [-1, 0, 1].flatMap((dy) => [-1, 0, 1].map((dx) => dy * roomy.width + dx))
  return where(roomy, (_, i) => beside.some((by) => roomy.data[i + by]))
}
