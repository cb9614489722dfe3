// Asks the answerer about what is on the sheet.  The newest state goes out at once, and no answer to an older one ever
// replaces a newer: every question has a number, and what comes back with a smaller one than what is shown is dropped.

import { EMPTY, isBlank } from './sheet.js'
import { carried, changed, strokesOf } from './state.js'
import { translated } from './words.js'

/** @import {Answer, Answerer, Question} from './types.js' */
/** @import {PageStore} from './state.js' */

const EVERY = 110 // least ms between two questions while the pen moves
const AT_ONCE = 2 // most questions under way; one more ends the oldest
const REST = 350 // ms after the last change, when the pictures of the steps are asked for
const PATIENCE = 4000 // ms without an answer before the page says so and tries again; then twice as long, and so on,
const LONGEST = 30_000 // up to this: who comes back to a server that was away for long waits no longer

/**
 * @param {PageStore} store
 * @param {Answerer} answerer
 * @returns {() => void} asks at once if an answer is still awaited: for when the device is back on the network
 */
export function startAsking(store, answerer) {
  /** @type {Map<number, AbortController>} */
  const underWay = new Map()
  let turn = 0
  let shown = 0
  let answered = 0 // the version that the answer is to, whatever was asked about it
  let sent = 0
  let timer = 0
  let rest = 0
  let waiting = 0

  /** @param {boolean} full whether the pen rests, so that pictures may be asked for */
  function question(full) {
    const { past, only, one, game, focus, looking, seeing } = store.get()
    turn += 1
    /** @type {Question} */
    const asked = { turn, only, several: !one && !game, focus }
    if (past.now.photo) asked.picture = past.now.photo.blob
    else asked.strokes = strokesOf(past.now)
    asked.want = { steps: full, attention: full && looking, maps: seeing }
    return asked
  }

  async function ask(full = false) {
    clearTimeout(timer)
    timer = 0
    const { past, version } = store.get()
    if (isBlank(past.now)) return
    sent = performance.now()
    const control = new AbortController()
    const asked = question(full)
    for (const [key, each] of [...underWay].slice(0, Math.max(0, underWay.size - AT_ONCE + 1))) {
      each.abort()
      underWay.delete(key)
    }
    underWay.set(asked.turn, control)
    if (!waiting) wait(PATIENCE)
    try {
      take(await answerer.ask(asked, control.signal), version)
    } catch (error) {
      if (!control.signal.aborted && error instanceof Refusal) take(refused(asked, error), version)
    } finally {
      underWay.delete(asked.turn)
    }
  }

  /** @param {Question} asked @param {Error} error @returns {Answer} */
  const refused = (asked, error) => ({
    turn: asked.turn,
    status: 'note',
    note: error.message,
    labels: store.get().labels,
    text: '',
    confidence: 0,
    characters: [],
  })

  /** @param {Answer} answer @param {number} version */
  function take(answer, version) {
    if (answer.turn < shown || isBlank(store.get().past.now)) return
    shown = answer.turn
    clearTimeout(waiting)
    waiting = 0
    const { version: now, moving, past, accepted } = store.get()
    const first = version !== answered
    answered = version
    if (first && version === now && answer.status === 'note' && past.now.photo?.image === null) return giveBack(answer)
    const whole = answer.steps || answer.status === 'note'
    if (version !== now || !(whole || moving)) wait(PATIENCE) // the question for the pictures may have failed meanwhile
    const before = store.get().answer
    const same = version === store.get().answered && before?.status === 'read'
    const kept = same && !answer.steps ? { steps: before.steps, attention: before.attention } : {}
    store.set({
      answer: { ...kept, ...answer },
      answered: version,
      late: false,
      accepted: first ? carried(before, answer, accepted) : accepted,
      focus: Math.min(store.get().focus, Math.max(0, answer.characters.length - 1)),
    })
  }

  /** What neither the browser nor the answerer can open is no picture: what it replaced comes back. @param {Answer} answer */
  function giveBack({ note }) {
    const { past, written, language } = store.get()
    const now = past.undone.at(-1) ?? EMPTY
    store.set({
      ...changed(store.get(), { ...past, now, undone: past.undone.slice(0, -1) }),
      written: written.filter(({ sheet }) => sheet !== now),
      note: translated(language, note ?? ''),
    })
  }

  /** @param {number} patience */
  function wait(patience) {
    clearTimeout(waiting)
    waiting = setTimeout(() => {
      store.set({ late: store.get().ready })
      if (!underWay.size || 2 * patience > LONGEST) ask(!store.get().moving) // a slow server gets no second question
      wait(Math.min(2 * patience, LONGEST))
    }, patience)
  }

  function forget() {
    for (const each of underWay.values()) each.abort()
    underWay.clear()
    clearTimeout(waiting)
    waiting = 0
    turn += 1
    shown = turn
    store.set({ answer: null, answered: store.get().version, late: false, focus: 0, one: false })
  }

  function soon() {
    const { past, moving } = store.get()
    clearTimeout(rest)
    if (isBlank(past.now)) return forget()
    if (!moving && past.now.photo)
      ask(true) // it does not change: sent twice, it would take a slow line twice as long
    else if (!moving) {
      ask()
      rest = setTimeout(() => ask(true), REST)
    } else if (!timer) timer = setTimeout(() => ask(), Math.max(0, sent + EVERY - performance.now()))
  }

  store.watch(['version', 'moving'], soon)
  store.watch(['only', 'one', 'several'], ({ answer }) => {
    if (answer) store.set({ answered: -1 }) // it was asked for otherwise
  })
  store.watch(['only', 'one', 'several', 'looking', 'seeing', 'focus'], ({ past, moving }) => {
    if (!isBlank(past.now) && !moving) ask(true)
  })
  return () => {
    if (waiting) ask(!store.get().moving)
  }
}

/** What an answerer says when the question itself is at fault, so that asking again is no use. */
export class Refusal extends Error {}
