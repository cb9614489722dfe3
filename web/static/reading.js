// What to say about an answer, and how sure: pure functions, so that large, small and colour always agree.

/** @import {Answer, Character} from './types.js' */

const SURE = 0.97 // least probability at which the page is sure
const LIKELY = 0.7 // least probability at which it thinks so; with less it names two characters
const SHOWN = 0.01 // least probability of an alternative that is shown
const EQUAL = 1 / 3 // least probability of a look-alike over the best one's to be its equal, as O (29 %) is to 0 (71 %)
const NEAR = 3 // most characters before it that tell whether it is a digit or a letter

const segmenter = 'Segmenter' in Intl ? new Intl.Segmenter() : null // without it, characters are code points

/**
 * @param {string} text
 * @returns {string[]} what a reader takes for its single characters: a label is one of them, of however many code points
 */
export const graphemes = (text) => (segmenter ? [...segmenter.segment(text)].map(({ segment }) => segment) : [...text])

/** @param {string} text @param {string} label @returns {boolean} whether it is one of the characters of `text` */
const includes = (text, label) => text.includes(label) && graphemes(text).includes(label)

/**
 * @typedef {{label: string, p: number}} Share
 * @typedef {'sure' | 'likely' | 'doubt' | 'tie' | 'none' | 'accepted'} Tone
 */

/**
 * @typedef {object} Reading
 * @property {Tone} tone
 * @property {string[]} large what is shown large: one character, or equals
 * @property {Share[]} chips the best and its alternatives
 * @property {string[]} [equals] labels of one shape, where only what was written before tells which it is
 */

/** @type {Record<string, Intl.NumberFormat>} by language: making one takes longer than all else about an answer */
const formats = {}

/**
 * A tenth of a percent, but never "100.0 %" or "0.0 %" for what is not quite so.
 * @param {number} p
 * @param {string} [language]
 * @returns {string}
 */
export function percent(p, language = 'en') {
  formats[language] ??= new Intl.NumberFormat(language, { minimumFractionDigits: 1, maximumFractionDigits: 1 })
  const { format } = formats[language]
  if (p > 0.9995 && p < 1) return `>\u00a0${format(99.9)}\u00a0%`
  if (p > 0 && p < 0.0005) return `<\u00a0${format(0.1)}\u00a0%`
  return `${format(100 * p)}\u00a0%`
}

/**
 * @param {string[]} labels
 * @param {number[]} probabilities
 * @returns {Share[]} best first
 */
export const ranked = (labels, probabilities) =>
  labels.map((label, i) => ({ label, p: probabilities[i] ?? 0 })).sort((a, b) => b.p - a.p)

/**
 * @param {string} label
 * @param {string} only "" for anything, "digits", "letters", or the characters themselves
 */
export function allows(label, only) {
  if (!only) return true
  if (only === 'digits') return /^\p{Nd}/u.test(label)
  if (only === 'letters') return /^\p{L}/u.test(label)
  return includes(only, label)
}

/**
 * @param {string[]} labels
 * @param {string} only "digits" or "letters"
 * @returns {boolean} whether it tells some of `labels` from others
 */
export const narrows = (labels, only) => new Set(labels.map((label) => allows(label, only))).size > 1

/**
 * The class of something that was read: "C" for a "c" that the model tells from "C" by nothing.
 * @param {string} read
 * @param {string[]} labels
 */
export const classOf = (read, labels) =>
  [read, read.toUpperCase(), read.toLowerCase()].find((each) => labels.includes(each)) ?? read

/**
 * The other case that a class also holds: "c" for "C" where the model tells the two apart by nothing.
 * @param {string} label
 * @param {string[]} labels
 */
export function alsoHolds(label, labels) {
  const other = label.toLowerCase()
  return other !== label && !labels.includes(other) ? other : ''
}

/**
 * @param {string[]} equals labels of one shape
 * @param {string} before what was read or accepted before, newest last
 * @returns {string} the one that stands better among its neighbours, or ""
 */
export function fitting(equals, before) {
  const near = graphemes(before.replace(/[\s?]/g, '')).slice(-NEAR)
  if (near.length < 2) return ''
  const digits = near.filter((c) => /\d/.test(c)).length
  if (digits !== 0 && digits !== near.length) return ''
  const wanted = equals.filter((label) => /\d/.test(label) === digits > 0)
  return wanted.length === 1 ? wanted[0] : ''
}

/**
 * @param {Character} character
 * @param {string[]} labels
 * @param {{only?: string, before?: string, accepted?: string}} [known]
 * @returns {Reading}
 */
export function reading(character, labels, { only = '', before = '', accepted = '' } = {}) {
  const shares = ranked(labels, character.probabilities).filter(({ label }) => allows(label, only))
  const chips = shares.filter(({ p }, i) => i === 0 || p >= SHOWN).slice(0, 6)
  if (accepted) return { tone: 'accepted', large: [accepted], chips }
  const [best] = shares
  if (!best) return { tone: 'none', large: [], chips: [] }
  if (!character.isCharacter) return { tone: 'none', large: [best.label], chips }
  const equals = shares.filter(({ label, p }) => includes(character.lookalikes, label) && p >= EQUAL * best.p)
  if (equals.length > 1 && best.p < SURE) return tie(equals, before, chips)
  const tone = best.p >= SURE ? 'sure' : best.p >= LIKELY ? 'likely' : 'doubt'
  const label = character.label.toLowerCase() === best.label.toLowerCase() ? character.label : best.label
  return { tone, large: [label], chips }
}

/**
 * @param {Share[]} equals
 * @param {string} before
 * @param {Share[]} chips
 * @returns {Reading}
 */
function tie(equals, before, chips) {
  const labels = equals.map(({ label }) => label)
  const fits = fitting(labels, before)
  const together = equals.reduce((sum, { p }) => sum + p, 0)
  if (fits) return { tone: together >= SURE ? 'sure' : 'likely', large: [fits], chips, equals: labels }
  return { tone: 'tie', large: labels.slice(0, 3), chips }
}

/**
 * The text of an answer in parts: each character, and each space or line end between two.  Labels may combine to what
 * a reader takes for one character, as क and ा do.
 * @param {Answer} answer
 * @returns {string[]}
 */
export function parts({ text, characters }) {
  let at = 0
  return characters.flatMap(({ label }) => {
    const spaces = [...(/^\s*/.exec(text.slice(at))?.[0] ?? '')]
    const start = at + spaces.length
    at = start + label.length // the case may be another one
    return [...spaces, text.slice(start, at)]
  })
}

/**
 * The text of an answer with what the visitor accepted in place of what was read; "?" for what is no character.
 * @param {Answer} answer
 * @param {Record<number, string>} accepted by index of the character
 */
export function textOf(answer, accepted) {
  const none = answer.characters.length === 1 && answer.characters[0].isCharacter === false
  let at = -1
  return parts(answer)
    .map((c) => {
      if (/\s/.test(c)) return c
      at += 1
      return accepted[at] ?? (none ? '?' : c)
    })
    .join('')
}
