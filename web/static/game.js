// The game: "Write a g", and the moment it is sure, the next one.  At the end what it saw, its errors included.

import { find, make, open } from './dom.js'
import { alsoHolds, reading } from './reading.js'
import { EMPTY, enter, isBlank } from './sheet.js'
import { thumbnail } from './shelf.js'
import { changed, strokesOf } from './state.js'
import { list, say, withArticle } from './words.js'

/** @import {Stroke} from './types.js' */
/** @import {PageStore, State} from './state.js' */

const TURNS = 10
const PAUSE = 900 // ms for which what was seen stays before the next turn

/**
 * @typedef {object} Turn
 * @property {string} wanted
 * @property {string} seen
 * @property {Stroke[]} strokes
 */

/**
 * Whether an answer is what was wanted: large, or one of the equals that are.
 * @param {State} state
 * @param {string} wanted
 * @returns {{done: boolean, right: boolean, seen: string}}
 */
function judged({ answer, moving, answered, version }, wanted) {
  if (answer?.status !== 'read' || answered !== version || moving) return { done: false, right: false, seen: '' }
  const [character] = answer.characters
  const { tone, large } = reading(character, answer.labels)
  const right = answer.characters.length === 1 && tone !== 'none' && large.includes(wanted)
  if (right && (tone === 'sure' || tone === 'tie')) return { done: true, right, seen: wanted }
  const seen = answer.characters.length > 1 ? answer.text : tone === 'none' ? '?' : large[0]
  return { done: Boolean(answer.steps), right, seen } // steps come once the pen rests: then its answer counts
}

/**
 * @param {HTMLElement} page
 * @param {PageStore} store
 */
export function startGame(page, store) {
  const bar = find(page, '.game')
  const dialog = /** @type {HTMLDialogElement} */ (find(page, 'dialog.end'))
  const said = (/** @type {string} */ label, /** @type {State} */ { language, labels }) => {
    const other = alsoHolds(label, labels)
    return other ? list(language, [withArticle(language, label), other]) : withArticle(language, label)
  }
  /** @type {Turn[]} */
  let turns = []
  let timer = 0

  function clear() {
    const state = store.get()
    if (!isBlank(state.past.now)) store.set(changed(state, enter(state.past, EMPTY)))
  }

  function next() {
    timer = 0
    const { labels, game } = store.get()
    if (!game) return
    if (turns.length >= TURNS) return finish()
    clear()
    const left = labels.filter((label) => !turns.some(({ wanted }) => wanted === label))
    const wanted = left[Math.floor(Math.random() * left.length)] ?? labels[0]
    store.set({ game: { ...game, wanted } })
  }

  function begin() {
    turns = []
    store.set({ game: { wanted: '', streak: 0, best: 0 }, only: '', picking: false })
    next()
  }

  function finish() {
    clearTimeout(timer)
    timer = 0
    const { game, language } = store.get()
    if (!game) return
    if (bar.contains(document.activeElement)) find(page, '[data-do=game]').focus()
    store.set({ game: null })
    if (!turns.length) return
    const right = turns.filter(({ wanted, seen }) => wanted === seen).length
    find(dialog, 'h2').textContent = say(language, 'gameEnd', { right, all: turns.length, streak: game.best })
    find(dialog, 'ul').replaceChildren(...turns.map((turn) => card(turn, language)))
    open(dialog)
  }

  /** @param {Turn} turn @param {string} language */
  function card({ wanted, seen, strokes }, language) {
    const item = make('li', wanted === seen ? 'right' : 'wrong')
    item.append(thumbnail(strokes), make('b', '', wanted))
    item.append(make('span', '', wanted === seen ? '✓' : say(language, 'gameSaw', { seen })))
    return item
  }

  /** @param {State} state */
  function watch(state) {
    const { game, past } = state
    if (!game?.wanted || timer || past.now.photo || isBlank(past.now)) return
    const { done, right, seen } = judged(state, game.wanted)
    if (!done) return
    turns.push({ wanted: game.wanted, seen: right ? game.wanted : seen, strokes: strokesOf(past.now) })
    const streak = right ? game.streak + 1 : 0
    store.set({ game: { ...game, streak, best: Math.max(streak, game.best) } })
    bar.dataset.last = right ? 'right' : 'wrong'
    find(bar, '.saw').textContent = right ? '✓' : say(state.language, 'gameSaw', { seen })
    timer = setTimeout(next, PAUSE)
  }

  /** @param {State} state */
  function show(state) {
    const { game, language } = state
    bar.hidden = !game
    if (!game) return
    if (!timer) find(bar, '.saw').textContent = ''
    if (!timer) bar.dataset.last = ''
    find(bar, '.wanted').textContent = say(language, 'gameWrite', { a: said(game.wanted, state) })
    find(bar, '.streak').textContent =
      `${Math.min(TURNS, turns.length + (timer ? 0 : 1))}/${TURNS} · ${say(language, 'gameStreak', { n: game.streak })}`
  }

  find(page, '[data-do=game]').addEventListener('click', () => (store.get().game ? finish() : begin()))
  find(bar, '[data-do=stop]').addEventListener('click', finish)
  find(dialog, '[data-do=again]').addEventListener('click', () => {
    dialog.close()
    begin()
  })
  find(dialog, '[data-do=close]').addEventListener('click', () => dialog.close())
  store.watch(['answer', 'moving'], watch)
  store.watch(['game', 'language'], show)
}
