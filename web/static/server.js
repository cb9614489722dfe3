// The answerer on the Gradio server: numbers up, numbers down, in one request.

import { Refusal } from './asking.js'
import { simplify } from './geometry.js'

/** @import {Answer, Answerer, Character, Correction, Question, Stroke} from './types.js' */

const UNIT = 1000 // whole numbers to the shorter side of the sheet
const FINE = 1.2 // greatest distance of a simplified line from the drawn one, in UNITs
const PARTS = 100_000 // whole number that the server sends for probability 1
const AGAIN = 1500 // ms after which a server that did not answer is asked for its welcome again
const session = Math.random().toString(36).slice(2)

/**
 * @param {'welcome' | 'read' | 'correct'} name of a function of `web/handlers.py`
 * @param {unknown[]} data
 * @param {AbortSignal} [signal]
 * @returns {Promise<any>}
 */
async function call(name, data, signal) {
  const response = await fetch(new URL(`gradio_api/run/${name}`, document.baseURI), {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ data, session_hash: session }),
    signal,
  })
  const told = await response.json()
  if (response.ok) return told.data[0]
  throw response.status === 500 || response.status === 413 ? new Refusal(sentence(told.error)) : new Error(told.error)
}

/** @param {string | null} text */
const sentence = (text) =>
  text
    ? `${text[0].toUpperCase()}${text.slice(1).replace(/\.$/, '')}.`
    : 'Too many visitors at the moment; please try again in a few seconds.'

/** @param {string} text @returns {Uint8Array} */
const bytes = (text) => Uint8Array.from(atob(text), (c) => c.charCodeAt(0))

/** @param {Stroke} stroke */
const whole = (stroke) =>
  simplify(
    stroke.map(([x, y]) => [Math.round(x * UNIT), Math.round(y * UNIT)]),
    FINE,
  )

/** @param {Blob} blob @returns {Promise<string>} */
const dataUrl = (blob) =>
  new Promise((resolve, reject) => {
    const reader = new FileReader()
    reader.onload = () => resolve(String(reader.result))
    reader.onerror = () => reject(reader.error)
    reader.readAsDataURL(blob)
  })

/** @param {Question} question */
async function packed({ turn, strokes, picture, only, several, focus, want }) {
  const wishes = Object.entries(want ?? {}).flatMap(([name, on]) => (on ? [name] : []))
  const content = picture ? { picture: await dataUrl(picture) } : { strokes: (strokes ?? []).map(whole) }
  return { turn, ...content, only, several, focus: focus ?? 0, want: wishes }
}

/**
 * @param {any} told
 * @param {boolean} drawn whether boxes are in units of strokes
 * @returns {Character}
 */
function character(told, drawn) {
  const probabilities = told.shares.map((/** @type {number} */ share) => share / PARTS)
  const box = drawn && told.box ? told.box.map((/** @type {number} */ value) => value / UNIT) : told.box
  return { ...told, probabilities, confidence: told.confidence ?? Math.max(...probabilities), box }
}

/** @param {any} told @param {boolean} drawn @returns {Answer} */
function unpacked(told, drawn) {
  if (told.status === 'note') return { ...told, text: '', confidence: 0, characters: [] }
  const each = (/** @type {any} */ value) => character(value, drawn)
  return {
    ...told,
    characters: told.characters.map(each),
    others: told.others?.map((/** @type {any} */ other) => ({ ...other, characters: other.characters.map(each) })),
    steps: told.steps?.map((/** @type {any} */ step) => ({ ...step, values: bytes(step.values) })),
    attention: told.attention && bytes(told.attention),
    maps: told.maps?.map((/** @type {any} */ layer) => ({ ...layer, values: bytes(layer.values) })),
  }
}

/** @returns {Answerer} */
export function createServer() {
  /** @type {Answerer} */
  const answerer = {
    labels: [],
    names: [],
    state: 'loading',
    several: true,
    onstate: null,
    async ask(question, signal) {
      return unpacked(await call('read', [await packed(question)], signal), !question.picture)
    },
  }
  greet(answerer)
  return answerer
}

/** @param {Answerer} answerer */
async function greet(answerer) {
  try {
    const { promise, ...told } = await call('welcome', [])
    Object.assign(answerer, told, { state: 'ready' })
    if (promise) Object.assign(answerer, { promise, correct: keep })
    answerer.onstate?.(answerer)
  } catch {
    setTimeout(() => greet(answerer), AGAIN)
  }
}

/** @param {Correction} correction @returns {Promise<string>} */
async function keep({ question, label }) {
  return call('correct', [await packed(question), label])
}
