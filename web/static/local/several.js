// Several characters: the network that sees a line as a whole says where they are, and so which marks (strokes, or
// connected parts of ink) each is made of; then that of the characters reads each.  `emnist.text` weighs many ways to part
// a line; this is shorter.

import { median } from './arrays.js'
import { READING } from './constants.js'
import { around, extent, image } from './drawing.js'
import { levelled, punctuation, rows, tall } from './marks.js'
import { asDrawn, best, otherCase, sigmoid, softmax } from './odds.js'
import { parted } from './parting.js'
import { drawn } from './sequence.js'

/** @import {Character, Stroke} from '../types.js' */
/** @import {Convolutions} from './convolutions.js' */
/** @import {Bounds} from './arrays.js' */
/** @import {Network} from './network.js' */
/** @import {Part} from './parting.js' */
/** @import {Line} from './sequence.js' */

/**
 * What is written, mark by mark.
 * @typedef {object} Written
 * @property {Bounds[]} boxes of the marks
 * @property {boolean[]} whole whether each is a character by itself, as in a box of a form
 * @property {(marks: number[], height: number) => Line | null} line that they make, if most characters are that high
 * @property {(marks: number[]) => Uint8Array} image of the character that they make, 28×28
 * @property {(mark: number, middles: number[]) => number[]} cut a mark in as many, one at each x; strokes stay whole
 */
/** @typedef {Character & {box: Bounds, line: number, marks: number[]}} Placed */

const { SPACE } = READING
const ALONG = 2 // weight of what the line as a whole shows, beside 1 for the character alone
const FEW = 0.5 // digits, and letters, that each line is thought to have besides
const AT_ONCE = 8 // most characters in a run: a newer question waits for no more than these
const SURE = [3.1, 3.6] // log-odds that all is right: without doubt, and how much the root of all doubt takes from them

/** @param {Stroke[]} strokes none of them empty @returns {Written} their lines level */
export function penned(strokes) {
  const boxes = strokes.map(extent)
  const level = levelled(boxes)
  const raised = strokes.map((stroke, i) =>
    stroke.map(([x, y]) => /** @type {import('../types.js').Point} */ ([x, y + level[i][1] - boxes[i][1]])),
  )
  return {
    boxes: level,
    whole: level.map(() => false),
    line: (marks, height) =>
      drawn(
        marks.map((i) => raised[i]),
        height,
      ),
    image: (marks) => image(marks.map((i) => strokes[i])),
    cut: (mark) => [mark],
  }
}

/**
 * @param {Written} written
 * @param {number[]} allowed indices of the classes that it may be
 * @param {Network} network
 * @param {Convolutions} sequence
 * @param {() => Promise<void>} pause before each run of the network of the characters
 * @returns {Promise<{text: string, confidence: number, characters: Placed[]} | null>} null if a line is too long
 */
export async function transcribe(written, allowed, network, sequence, pause) {
  const { labels } = network.facts
  /** @type {Placed[]} */
  const characters = []
  const texts = []
  for (const [line, marks] of rows(written.boxes).entries()) {
    const none = punctuation(marks.map((i) => written.boxes[i]))
    const row = marks.filter((i, k) => !none[k] || written.whole[i])
    const parts = await parted(written, row, labels, sequence)
    if (!parts) return null
    const found = (await read(written, parts, allowed, network, pause)).map((one) => ({ ...one, line }))
    const spellings = words(found).map((word) => spelled(word, labels))
    texts.push(spellings.join(' '))
    characters.push(...found)
  }
  const doubt = characters.reduce((sum, { confidence }) => sum - Math.log(confidence), 0)
  return { text: texts.join('\n'), confidence: sigmoid(SURE[0] - SURE[1] * Math.sqrt(doubt)), characters }
}

/**
 * @param {Written} written
 * @param {Part[]} parts of a line
 * @param {number[]} allowed
 * @param {Network} network
 * @param {() => Promise<void>} pause
 */
async function read(written, parts, allowed, network, pause) {
  const { labels, accept } = network.facts
  const [logits, characters] = [/** @type {Float64Array[]} */ ([]), /** @type {number[]} */ ([])]
  for (let i = 0; i < parts.length; i += AT_ONCE) {
    await pause()
    const images = parts.slice(i, i + AT_ONCE).map(({ marks }) => written.image(marks))
    const found = await network.logits(images, [0]) // one view each: the line counts for more
    logits.push(...found.logits)
    characters.push(...found.characters)
  }
  const both = parts.map(({ seen }, k) =>
    asDrawn(logits[k], network.facts).map((value, i) => (seen ? (value + ALONG * seen[i]) / (1 + ALONG) : value)),
  )
  return besideEachOther(both, labels).map((scaled, k) => {
    const probabilities = softmax(scaled, allowed)
    const { marks } = parts[k]
    const isCharacter = sigmoid(characters[k]) >= accept
    return {
      ...best(labels, probabilities),
      probabilities,
      isCharacter,
      box: around(marks.map((i) => written.boxes[i])),
      marks,
    }
  })
}

/**
 * Digits stand beside digits, and letters beside letters: each counts by the share of its kind among the others.
 * @param {Float64Array[]} each what the characters of a line are, as logits
 * @param {string[]} labels
 */
function besideEachOther(each, labels) {
  const digits = labels.map((label) => /^\p{Nd}/u.test(label))
  const all = labels.map((_, i) => i)
  const shares = each.map((logits) => softmax(logits, all).reduce((sum, p, i) => sum + (digits[i] ? p : 0), 0))
  const total = shares.reduce((sum, share) => sum + share, 0)
  return each.map((logits, k) => {
    const others = (total - shares[k] + FEW) / (shares.length - 1 + 2 * FEW)
    return logits.map((value, i) => value + Math.log(digits[i] ? others : 1 - others))
  })
}

/** @param {Placed[]} line from left to right @returns {Placed[][]} parted by spaces: gaps far wider than the others */
function words(line) {
  const high = Math.max(tall(line.map(({ box }) => box)), 1e-9)
  let right = line[0].box[2]
  const gaps = line.slice(1).map(({ box: [x0, , x1] }) => {
    const gap = (x0 - right) / high
    right = Math.max(right, x1)
    return gap
  })
  const usual = gaps.length ? Math.max(median(gaps), 0) : 0
  const found = [[line[0]]]
  gaps.forEach((gap, i) => {
    if (gap > SPACE + usual) found.push([])
    found[found.length - 1].push(line[i + 1])
  })
  return found
}

/**
 * Gives letters whose class holds both cases that of most others in their word.
 * @param {Placed[]} word
 * @param {string[]} labels
 * @returns {string}
 */
function spelled(word, labels) {
  const of = (/** @type {RegExp} */ kind) =>
    word.filter(({ label }) => kind.test(label) && labels.includes(otherCase(label))).length
  const lower = of(/\p{Ll}/u) > of(/\p{Lu}/u)
  for (const one of word) {
    const other = otherCase(one.label)
    if (lower && !labels.includes(other) && /\p{Ll}/u.test(other)) one.label = other
  }
  return word.map(({ label }) => label).join('')
}
