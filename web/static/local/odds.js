// From what the network says to the probabilities of characters: the twin of `emnist/odds.py` and `emnist/choice.py`.

import { Refused } from './arrays.js'
import { LABELS } from './constants.js'

/**
 * What the model's file tells about itself.
 * @typedef {object} Facts
 * @property {string[]} labels
 * @property {number} image_size
 * @property {number[]} turns degrees of the views
 * @property {number} temperature
 * @property {number} accept
 * @property {number[]} drawn
 * @property {number[]} pooled
 */

const ASCII = [...'0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz']
/** @type {Record<string, RegExp>} */
const SETS = { digits: /^\p{Nd}/u, letters: /^\p{L}/u, upper: /^\p{Lu}/u, lower: /^\p{Ll}/u }

/**
 * What logits are for a drawing or a photograph: the pooled classes share what they have together, then each has its own
 * more or less.
 * @param {Float64Array} logits already divided by the temperature
 * @param {Facts} facts
 * @returns {Float64Array}
 */
export function asDrawn(logits, { pooled, drawn }) {
  const scaled = Float64Array.from(logits)
  if (pooled.length) {
    const most = Math.max(...pooled.map((i) => logits[i]))
    const sum = pooled.reduce((total, i) => total + Math.exp(logits[i] - most), 0)
    for (const i of pooled) scaled[i] = most + Math.log(sum / pooled.length)
  }
  return drawn.length ? scaled.map((each, i) => each + drawn[i]) : scaled
}

/**
 * @param {Float64Array} scaled
 * @param {number[]} allowed indices of the classes it may be
 * @returns {number[]} probabilities; 0 for all others
 */
export function softmax(scaled, allowed) {
  const most = Math.max(...allowed.map((i) => scaled[i]))
  const odds = new Array(scaled.length).fill(0)
  for (const i of allowed) odds[i] = Math.exp(scaled[i] - most)
  const sum = odds.reduce((total, each) => total + each, 0)
  return odds.map((each) => each / sum)
}

/** @param {number} logit */
export const sigmoid = (logit) => 1 / (1 + Math.exp(-logit))

/**
 * @param {string} only "" for anything, "digits", "letters", "upper", "lower", or the characters to choose from
 * @param {string[]} labels
 * @returns {number[]} indices of the classes that it allows
 */
export function choose(only, labels) {
  const wanted = only in SETS ? [...ASCII, ...labels].filter((c) => SETS[only].test(c)) : graphemes(only)
  const folded = new Set(wanted.map((c) => fold(c, labels)))
  const allowed = labels.map((_, i) => i).filter((i) => !only || folded.has(labels[i]))
  if (!allowed.length) throw new Refused('This model knows none of these characters; choose others.')
  return allowed
}

/** @param {string} text @returns {string[]} what a reader takes for its single characters */
const graphemes = (text) =>
  Array.from(
    new Intl.Segmenter(undefined, { granularity: 'grapheme' }).segment(text.normalize('NFC')),
    (s) => s.segment,
  )

/** @param {string} c @param {string | string[]} labels @returns {string} the label that stands for `c`, if there is one */
export const fold = (c, labels) => (labels.includes(c) ? c : otherCase(c))

/** @param {string} c */
export const otherCase = (c) => (c === c.toUpperCase() ? c.toLowerCase() : c.toUpperCase())

/** @param {string} label @returns {string} the characters that `label` is easily mistaken for, itself included */
export const lookalikes = (label) => LABELS.LOOKALIKES.find((group) => group.includes(label)) ?? label

/**
 * @param {string[]} labels
 * @param {number[]} probabilities
 * @returns {{label: string, confidence: number, lookalikes: string}}
 */
export function best(labels, probabilities) {
  const order = labels.map((_, i) => i).sort((a, b) => probabilities[b] - probabilities[a])
  const [first, second] = order
  const group = lookalikes(labels[first])
  const alike = group.includes(labels[second]) ? labels.filter((c, i) => group.includes(c) && probabilities[i] > 0) : []
  return { label: labels[first], confidence: probabilities[first], lookalikes: alike.join('') }
}
