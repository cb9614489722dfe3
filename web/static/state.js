// What the page knows, and what follows from it.

import { textOf } from './reading.js'
import { begin, isBlank } from './sheet.js'

/** @import {Answer, Character, Stroke} from './types.js' */
/** @import {Past, Sheet} from './sheet.js' */
/** @import {Store} from './store.js' */

/**
 * Something written earlier in this tab.
 * @typedef {object} Written
 * @property {Sheet} sheet
 * @property {string} text what it was read as, or what the visitor said it is
 */

/**
 * @typedef {object} State
 * @property {Past} past the sheet and the ways back and forward
 * @property {number} version counted up with every change of the sheet
 * @property {boolean} moving whether the pen is down or an example draws itself
 * @property {boolean} filming whether the camera is on
 * @property {Answer | null} answer to what is on the sheet, or to an earlier state of it
 * @property {number} answered the version of the sheet that `answer` is to; -1 once something else is asked about it
 * @property {string} note what there is to say that is no answer
 * @property {boolean} late whether an answer takes too long
 * @property {string} only "" for anything, "digits", "letters", or the characters to choose from
 * @property {boolean} picking whether the visitor marks those characters
 * @property {boolean} correcting whether the visitor says what it was
 * @property {string} told what there is to say about a correction or the like
 * @property {number} focus index of the character whose confidences are shown
 * @property {Record<number, string>} accepted what the visitor said characters are, by index
 * @property {boolean} one whether everything on the sheet is one character
 * @property {Written[]} written
 * @property {'fine' | 'medium' | 'broad'} pen
 * @property {boolean} rubbing whether the pen is an eraser
 * @property {boolean} looking whether the heat of where it looked lies over the drawing
 * @property {boolean} seeing whether the feature maps are shown
 * @property {{layer: number, channel: number} | null} laid the map that lies over the drawing
 * @property {{wanted: string, streak: number, best: number} | null} game
 * @property {string} language
 * @property {boolean} ready whether the answerer can answer
 * @property {boolean} failed whether it never will
 * @property {number} progress its share of the way there, in [0, 1]; 0 where it is not known
 * @property {boolean} several whether the answerer reads several characters at once
 * @property {string[]} labels the classes
 * @property {string[]} names of the models
 * @property {number[]} quality shares of test images read right, and right if look-alikes count; empty if unknown
 * @property {string} promise what is done with corrections; "" where none are taken
 * @property {'keptNone' | 'keptHere'} fate what becomes of what is written, but for corrections: a key of words.js
 * @property {string} source address of the source code; "" where it is not known
 */

/** @typedef {Store<State>} PageStore */

const MOST = 60 // most things written that are remembered

/** @type {State} */
export const INITIAL = {
  past: begin(),
  version: 0,
  moving: false,
  filming: false,
  answer: null,
  answered: 0,
  note: '',
  late: false,
  only: '',
  picking: false,
  correcting: false,
  told: '',
  focus: 0,
  accepted: {},
  one: false,
  written: [],
  pen: 'medium',
  rubbing: false,
  looking: false,
  seeing: false,
  laid: null,
  game: null,
  language: 'en',
  ready: false,
  failed: false,
  progress: 0,
  several: true,
  labels: [],
  names: [],
  quality: [],
  promise: '',
  fate: 'keptNone',
  source: '',
}

/**
 * The patch that puts a new state of the sheet in place: what was said about the old one goes.
 * @param {State} state
 * @param {Past} past
 * @returns {Partial<State>}
 */
export const changed = (state, past) => ({
  past,
  version: state.version + 1,
  note: '',
  told: state.moving ? state.told : '', // on a phone its row would go from under the pen
  correcting: false,
  accepted: {},
})

/** @param {State} state @returns {Character | undefined} the character whose confidences are shown */
export const focused = (state) => state.answer?.characters[state.focus] ?? state.answer?.characters[0]

/**
 * @param {State} state
 * @param {number} [upTo] index of a character of the answer that is shown
 * @returns {string} what was written before it
 */
export function context({ written, answer, accepted }, upTo = 0) {
  const here = (answer?.characters ?? []).slice(0, upTo).map(({ label }, i) => accepted[i] ?? label)
  return written.map(({ text }) => text).join('') + here.join('')
}

/**
 * @param {Answer | null} before
 * @param {Answer} answer to the same drawing with more strokes
 * @param {Record<number, string>} accepted by index of the characters of `before`
 * @returns {Record<number, string>} by index of those characters of `answer` that are of the same strokes
 */
export function carried(before, answer, accepted) {
  const strokes = (/** @type {Character | undefined} */ character) => character?.strokes?.join(' ')
  const found = Object.entries(accepted).map(([at, label]) => {
    const own = strokes(before?.characters[Number(at)])
    return [answer.characters.findIndex((each) => own && strokes(each) === own), label]
  })
  return Object.fromEntries(found.filter(([at]) => at !== -1))
}

/** @param {Sheet} sheet @returns {Stroke[]} */
export const strokesOf = (sheet) => sheet.ink.map(({ points }) => points)

/**
 * The patch that keeps what is on the sheet among what was written, before something else takes its place; that the
 * sheet holds one character was said of the old one, as was which of several is looked at.
 * @param {State} state
 * @returns {Partial<State>}
 */
export function kept({ past, answer, answered, version, accepted, written }) {
  if (isBlank(past.now) || answered !== version || answer?.status !== 'read') return { one: false, focus: 0 }
  const others = written.filter(({ sheet }) => sheet !== past.now)
  const card = { sheet: past.now, text: textOf(answer, accepted) }
  return { one: false, focus: 0, written: [...others, card].slice(-MOST) }
}
