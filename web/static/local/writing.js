// Which marks of a picture are written by hand: the twin of `emnist/text/writing.py`, without captions as large as the
// writing.

import { high, long, pixels, usually } from './pieces.js'

/** @import {Mark} from './pieces.js' */

export const SPECK = 0.1 // greatest side of dirt, in heights of the writing
const AS_HIGH = [0.55, 2] // least and greatest height of what may be writing though it looks like type, in heights of the writing
const SURELY = [8, 3.5] // mean log-odds of type, from which on that is type nevertheless: of a mark alone, of a word or beside boxes
const LETTER_GAP = 0.5 // greatest gap between letters of a word, in heights of the writing

/**
 * @param {Mark[]} marks
 * @returns {Mark[]} without dirt, and without type beside writing; regular writing looks like type, so a word that may be
 *   either stays where it is as high as the writing
 */
export function byHand(marks) {
  const sure = marks.filter(({ odds }) => odds <= 0)
  const usual = usually(sure.length ? sure : marks)
  const large = marks.filter(({ box }) => long(box) > SPECK * usual)
  if (!sure.length) return large
  const doubtful = marks.filter(({ odds }) => odds > 0)
  const form = marks.some(({ boxed }) => boxed)
  const isTyped = (/** @type {Mark[]} */ word) => likely(word) > SURELY[form || word.length > 1 ? 1 : 0]
  const typed = new Set(
    words(doubtful, LETTER_GAP * usual)
      .filter(isTyped)
      .flat(),
  )
  const asHigh = (/** @type {Mark} */ { box }) => high(box) > AS_HIGH[0] * usual && high(box) < AS_HIGH[1] * usual
  return large.filter((mark) => mark.odds <= 0 || (asHigh(mark) && !typed.has(mark)))
}

/** @param {Mark[]} word @returns {number} its mean log-odds of type */
function likely(word) {
  const ink = word.map(pixels)
  return word.reduce((sum, mark, i) => sum + mark.odds * ink[i], 0) / ink.reduce((a, b) => a + b, 0)
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
