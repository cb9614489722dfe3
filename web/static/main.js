// Puts the page together: one store, one answerer, and the parts that show and change what is known.

import { startAnswer } from './answer.js'
import { startAsking } from './asking.js'
import { find } from './dom.js'
import { startGame } from './game.js'
import { startGhost } from './ghost.js'
import { startHand } from './hand.js'
import { recall, startKeeping } from './keep.js'
import { startKeys } from './keys.js'
import { startLine } from './line.js'
import { startMenu } from './menu.js'
import { startNote } from './note.js'
import { createOverlay } from './overlay.js'
import { createPad } from './pad.js'
import { startPictures } from './pictures.js'
import { createPlayer } from './play.js'
import { startSeeing } from './seeing.js'
import { startShelf } from './shelf.js'
import { INITIAL } from './state.js'
import { startSteps } from './steps.js'
import { createStore } from './store.js'
import { startTools } from './tools.js'
import { say, spoken, translated } from './words.js'

/** @import {Answerer} from './types.js' */
/** @import {PageStore, State} from './state.js' */
/** @import {Key} from './words.js' */

/**
 * @param {HTMLElement} page the element of index.html
 * @param {Answerer} answerer
 */
export function start(page, answerer) {
  /** @type {PageStore} */
  const store = createStore(/** @type {State} */ ({ ...INITIAL, language: spoken(navigator.languages) }))
  const player = createPlayer(store)
  const canvas = /** @type {HTMLCanvasElement} */ (find(page, '.pad'))
  const pad = createPad(canvas, store, createOverlay(store))
  const hand = startHand(pad, page, store, player.stop)
  const pictures = startPictures(page, store, player.stop)
  startTools(page, store, {
    undo: hand.undo,
    redo: hand.redo,
    clear: () => pictures.stop() || hand.clear(),
    choose: pictures.choose,
    camera: pictures.camera,
  })
  startShelf(page, store, player.play)
  startAnswer(page, store)
  startNote(page, store)
  startKeys(page, store, answerer)
  startSteps(page, store)
  startSeeing(page, store)
  startGhost(/** @type {HTMLCanvasElement} */ (find(page, '.ghost')), store)
  startMenu(page, store)
  startGame(page, store)
  startLine(page, store)
  addEventListener('online', startAsking(store, answerer))
  startWords(page, store)
  startNumbers(page, store)
  answerer.onstate = () => greet(store, answerer)
  greet(store, answerer)
  recall(store).finally(() => startKeeping(store))
}

/** @param {PageStore} store @param {Answerer} answerer */
function greet(store, { state, several, labels, names, promise, notices, reason, progress, quality, source, fate }) {
  const note = state === 'failed' ? translated(store.get().language, reason ?? '') : (notices ?? []).join(' ')
  store.set({ ready: state === 'ready', failed: state === 'failed', progress: progress ?? 0, several, labels, names })
  store.set({ promise: promise ?? '', quality: quality ?? [], source: source ?? '', fate: fate ?? 'keptNone' })
  if (note) store.set({ note })
}

/**
 * Puts the texts in place, now and whenever the language changes.
 * @param {HTMLElement} page
 * @param {PageStore} store
 */
function startWords(page, store) {
  const show = (/** @type {State} */ { language }) => {
    document.documentElement.lang = language
    document.title = say(language, 'title')
    for (const each of /** @type {NodeListOf<HTMLElement>} */ (page.querySelectorAll('[data-text]'))) {
      each.textContent = say(language, /** @type {Key} */ (each.dataset.text))
    }
    for (const each of /** @type {NodeListOf<HTMLElement>} */ (page.querySelectorAll('[data-label]'))) {
      const text = say(language, /** @type {Key} */ (each.dataset.label))
      each.setAttribute('aria-label', text)
      if (each instanceof HTMLButtonElement) each.title = text
    }
  }
  store.watch(['language'], show)
  show(store.get())
}

/**
 * Which state of the sheet there is, and which one the answer is to: for tests and measurements, and to see.
 * @param {HTMLElement} page
 * @param {PageStore} store
 */
function startNumbers(page, store) {
  const show = (/** @type {State} */ { version, answered, answer, moving }) => {
    page.classList.toggle('behind', answer !== null && answered !== version && !moving)
    page.dataset.version = String(version)
    page.dataset.answered = String(answered)
    page.dataset.rested = answer?.steps || answer?.status === 'note' || !answer ? String(answered) : ''
  }
  store.watch(['version', 'answered', 'answer', 'moving'], show)
  show(store.get())
}

const page = document.getElementById('page')
if (page) start(page, await answererHere())

/** Gradio's page has its server; everywhere else the network runs in the browser. */
async function answererHere() {
  if ('gradio_config' in window) return (await import('./server.js')).createServer()
  page?.setAttribute('role', 'main') // Gradio's page has such an element around it
  return (await import('./local.js')).createLocal()
}
