// Several characters in a drawing: the network that sees a line as a whole says where they are, and so which strokes each
// is made of; then that of the characters reads each.  `emnist.text` weighs many ways to part a line; this is shorter.

import { median } from './arrays.js'
import { PARTING, READING } from './constants.js'
import { extent, image } from './drawing.js'
import { height, rows, tall } from './marks.js'
import { asDrawn, best, otherCase, sigmoid, softmax } from './odds.js'
import { drawn, spans } from './sequence.js'

/** @import {Character, Stroke} from '../types.js' */
/** @import {Bounds} from './drawing.js' */
/** @import {Network} from './network.js' */
/** @import {Sequence} from './sequence.js' */

/**
 * The strokes of one character, by their indices, and what the line shows there: log-probabilities of all labels.
 * @typedef {{strokes: number[], seen: Float64Array}} Part
 */
/** @typedef {Character & {box: Bounds, line: number, strokes: number[]}} Placed */

const { SPECK } = PARTING
const { SPACE } = READING
const EARLY = 1.5 // places by which the network names a character before its middle, in the mean
const ALONG = 2 // weight of what the line as a whole shows, beside 1 for the character alone
const FEW = 0.5 // digits, and letters, that each line is thought to have besides
const SURE = [3.1, 3.6] // log-odds that all is right: without doubt, and how much the root of all doubt takes from them

/**
 * @param {Stroke[]} strokes
 * @param {number[]} allowed indices of the classes that it may be
 * @param {Network} network
 * @param {Sequence} sequence
 * @param {() => Promise<void>} pause before each line
 * @returns {Promise<{text: string, confidence: number, characters: Placed[]} | null>} null if a line is too long
 */
export async function transcribe(strokes, allowed, network, sequence, pause) {
  const { labels } = network.facts
  const written = strokes.map((_, i) => i).filter((i) => strokes[i].length)
  /** @type {Placed[]} */
  const characters = []
  const texts = []
  for (const [line, row] of rows(written.map((i) => extent(strokes[i]))).entries()) {
    await pause()
    const places = row.map((i) => written[i])
    const parts = await parted(strokes, places, labels, sequence)
    if (!parts) return null
    const found = (await read(strokes, parts, allowed, network)).map((one) => ({ ...one, line }))
    const spellings = words(found).map((word) => spelled(word, labels))
    texts.push(spellings.join(' '))
    characters.push(...found)
  }
  const doubt = characters.reduce((sum, { confidence }) => sum - Math.log(confidence), 0)
  return { text: texts.join('\n'), confidence: sigmoid(SURE[0] - SURE[1] * Math.sqrt(doubt)), characters }
}

/**
 * @param {Stroke[]} strokes
 * @param {Part[]} parts of a line
 * @param {number[]} allowed
 * @param {Network} network
 */
async function read(strokes, parts, allowed, network) {
  const { labels, accept } = network.facts
  const images = parts.map((part) => image(part.strokes.map((i) => strokes[i])))
  const { logits, characters } = await network.logits(images, [0]) // one view each: the line counts for more
  const both = parts.map(({ seen }, k) =>
    asDrawn(logits[k], network.facts).map((value, i) => (value + ALONG * seen[i]) / (1 + ALONG)),
  )
  return besideEachOther(both, labels).map((scaled, k) => {
    const probabilities = softmax(scaled, allowed)
    const box = extent(parts[k].strokes.flatMap((i) => strokes[i]))
    const isCharacter = sigmoid(characters[k]) >= accept
    return { ...best(labels, probabilities), probabilities, isCharacter, box, strokes: parts[k].strokes }
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

/**
 * @param {Stroke[]} strokes
 * @param {number[]} row those of a line, from left to right
 * @param {string[]} labels
 * @param {Sequence} sequence
 * @returns {Promise<Part[] | null>} each stroke goes to the character nearest to it
 */
async function parted(strokes, row, labels, sequence) {
  const own = row.map((i) => strokes[i])
  const high = height(own.map(extent))
  const line = drawn(own, high)
  if (!line) return null
  const seen = await sequence.see(line.picture, labels)
  const places = spans(seen)
  const owners = own.map((stroke) => {
    const [x0, , x1] = extent(stroke)
    const away = places.map(({ first, last }) => Math.abs((first + last) / 2 + EARLY - line.at((x0 + x1) / 2)))
    return away.indexOf(Math.min(...away))
  })
  const parts = places.map(({ first, last }, k) => ({
    strokes: row.filter((_, i) => owners[i] === k).sort((a, b) => a - b),
    seen: mean(seen.slice(first, last + 1)).subarray(1), // without the blank
  }))
  const sizes = parts.map((part) => (part.strokes.length ? longest(part.strokes.map((i) => strokes[i])) : -1))
  const least = SPECK * Math.min(high, Math.max(...sizes)) // of points and slips of the pen alone, one is kept
  return parts.filter((_, k) => sizes[k] >= least)
}

/** @param {Stroke[]} strokes @returns {number} the longer side of the largest */
const longest = (strokes) => Math.max(...strokes.map(extent).map(([x0, y0, x1, y1]) => Math.max(x1 - x0, y1 - y0)))

/** @param {Float64Array[]} rows @returns {Float64Array} */
const mean = (rows) => rows[0].map((_, i) => rows.reduce((sum, row) => sum + row[i], 0) / rows.length)

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
