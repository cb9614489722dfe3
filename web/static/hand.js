// The hand on the sheet: mouse, pen, finger and keyboard become strokes.

import { PENS, RUBBER, width } from './ink.js'
import { amend, EMPTY, enter, erase, isBlank, redo, undo } from './sheet.js'
import { changed, kept } from './state.js'

/** @import {Point} from './types.js' */
/** @import {Pad} from './pad.js' */
/** @import {PageStore, State} from './state.js' */
/** @import {Sheet} from './sheet.js' */

const STEP = 0.03 // shorter sides of the sheet by which an arrow key moves the pen
const PINCH = 150 // ms after a finger touches in which a second one makes it a pinch, and neither draws
const PALM = 1500 // ms after a pen was seen in which a touch is taken for the palm of the hand that holds it
const AWAY = 12 // px: way of a finger or pen on the row of examples from which on it writes
const CONTROLS = 'button, input, select, a, summary, label, dialog, [role=menu]'
const TYPED = 'textarea, [type=text], [type=search]' // fields with an undo of their own
/** @type {Record<string, Point>} */
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }

/**
 * @param {Pad} pad
 * @param {HTMLElement} page all of it: strokes may begin outside the sheet
 * @param {PageStore} store
 * @param {() => void} interrupt ends what draws by itself
 */
export function startHand(pad, page, store, interrupt) {
  const { canvas } = pad
  /** @type {{id: number, kind: string, last: Point | null, time: number, since: number} | null} */
  let pointer = null
  /** @type {{x: number, y: number, down: boolean} | null} */
  let pen = null
  let penSeen = -PALM
  let mine = 0 // version of the sheet that the hand made last: once there is another one, the stroke is over
  let rubbed = false // whether the eraser has taken something away since it was put down
  /** @type {PointerEvent | null} */
  let pressed = null // on the row of examples: a tap takes one, but writing may begin there as well

  /** @param {Sheet} now @param {boolean} [whole] whether this is a step of its own @param {State['accepted']} [accepted] */
  function put(now, whole = false, accepted = {}) {
    const state = store.get()
    mine = state.version + 1
    store.set({ ...changed(state, (whole ? enter : amend)(state.past, now)), accepted })
  }

  /** @param {Point} from @param {Point} to */
  function rub(from, to) {
    const { now } = store.get().past
    const left = erase(now, from, to, RUBBER)
    if (left === now) return
    put(left, !rubbed)
    rubbed = true
  }

  /** @param {Point} point @param {number} pressure */
  function begin(point, pressure) {
    interrupt()
    const { past, pen: kind, rubbing, version, accepted } = store.get()
    store.set({ moving: true })
    mine = version
    rubbed = false
    if (rubbing) return rub(point, point)
    if (past.now.photo) store.set(kept(store.get()))
    const stroke = { points: [point], widths: [width(PENS[kind], 0, pressure, 0)] }
    put({ ink: [...past.now.ink, stroke], photo: null }, true, past.now.photo ? {} : accepted)
  }

  /** @param {Point} from @param {Point} to @param {number} pressure @param {number} time in ms since `from` */
  function extend(from, to, pressure, time) {
    const { past, pen: kind, rubbing, version, accepted } = store.get()
    if (version !== mine) return // the last stroke is another one, or of another drawing
    if (rubbing) return rub(from, to)
    const last = past.now.ink[past.now.ink.length - 1]
    const speed = Math.hypot(to[0] - from[0], to[1] - from[1]) / Math.max(1, time)
    last.points.push(to) // only a stroke that is being drawn is changed in place
    last.widths.push(width(PENS[kind], last.widths[last.widths.length - 1], pressure, speed))
    put({ ...past.now }, false, accepted)
  }

  /** @param {Point} point */
  const inside = ([x, y]) => {
    const { width, height, unit } = pad.view()
    return Math.abs(x) * unit <= width / 2 && Math.abs(y) * unit <= height / 2
  }

  /** @param {PointerEvent} event */
  function down(event) {
    if (event.button !== 0 || store.get().filming) return
    const palm = event.pointerType === 'touch' && event.timeStamp - penSeen < PALM
    pressed = null
    if (page.querySelector('.menu[open]')) return // a touch beside it closes it and writes nothing
    if (event.target !== canvas && event.target instanceof Element && event.target.closest(CONTROLS)) {
      if (event.target.closest('.shelf') && event.pointerType !== 'mouse' && !pointer && !palm) pressed = event
      return
    }
    if (pointer && pointer.kind === 'touch' && event.pointerType === 'pen') abandon()
    if (pointer?.last && pointer.kind === 'touch' && event.timeStamp - pointer.since < PINCH) return abandon()
    if (pointer || palm) return
    if (event.target !== canvas && event.pointerType === 'touch') return
    event.preventDefault()
    start(event)
  }

  /** @param {PointerEvent} event */
  function start(event) {
    const quietly = { preventScroll: true, focusVisible: false } // a focus ring is for those who come by the keyboard
    canvas.focus(/** @type {FocusOptions} */ (quietly))
    canvas.setPointerCapture(event.pointerId)
    const time = event.timeStamp
    pointer = { id: event.pointerId, kind: event.pointerType, last: null, time, since: time }
    lift()
    follow(event)
  }

  /** @param {PointerEvent} event */
  function follow(event) {
    if (!pointer) return
    const point = pad.place(event)
    const pressure = event.pointerType === 'pen' ? event.pressure : 0
    if (pointer.last) extend(pointer.last, point, pressure, event.timeStamp - pointer.time)
    else if (inside(point)) begin(point, pressure)
    else return
    Object.assign(pointer, { last: point, time: event.timeStamp })
  }

  /** @param {PointerEvent} event */
  function move(event) {
    if (event.pointerType === 'pen') penSeen = event.timeStamp
    if (pressed?.pointerId === event.pointerId && event.buttons && !pointer) {
      if (Math.hypot(event.clientX - pressed.clientX, event.clientY - pressed.clientY) < AWAY) return
      start(pressed)
      pressed = null
    }
    if (event.pointerId !== pointer?.id) return
    const events = event.getCoalescedEvents?.() ?? []
    for (const each of events.length ? events : [event]) follow(each)
  }

  /** @param {PointerEvent} event */
  function up(event) {
    if (event.pointerId !== pointer?.id) return
    pointer = null
    store.set({ moving: false })
  }

  /** The touch was a palm's, or one of two fingers': what it drew goes. */
  function abandon() {
    pointer = null
    const { past } = store.get()
    store.set({ ...changed(store.get(), { ...undo(past), redone: [] }), moving: false })
  }

  /** @param {typeof undo} way */
  function walk(way) {
    interrupt()
    lift()
    const state = store.get()
    const past = way(state.past)
    if (past !== state.past) store.set(changed(state, past))
  }

  function clear() {
    interrupt()
    lift()
    if (isBlank(store.get().past.now)) return
    store.set({ ...kept(store.get()), rubbing: false }) // on an empty sheet one writes
    put(EMPTY, true)
  }

  /** @param {number} dx @param {number} dy */
  function step(dx, dy) {
    const { width, height, unit } = pad.view()
    const from = pen ?? { x: 0, y: 0, down: false }
    const limit = (/** @type {number} */ value, /** @type {number} */ side) =>
      Math.min(side / unit / 2, Math.max(-side / unit / 2, value))
    pen = { x: limit(from.x + dx * STEP, width), y: limit(from.y + dy * STEP, height), down: from.down }
    if (pen.down) extend([from.x, from.y], [pen.x, pen.y], 0, 1000)
    pad.point(pen)
  }

  function press() {
    pen = { ...(pen ?? { x: 0, y: 0 }), down: !pen?.down }
    if (pen.down) begin([pen.x, pen.y], 0)
    else store.set({ moving: false })
    pad.point(pen)
  }

  function lift() {
    if (pen?.down) store.set({ moving: false })
    pen = null
    pad.point(null)
  }

  page.addEventListener('pointerdown', down)
  page.addEventListener('pointermove', move)
  for (const name of /** @type {const} */ (['pointerup', 'pointercancel', 'lostpointercapture'])) {
    canvas.addEventListener(name, up)
  }
  canvas.addEventListener('touchstart', (event) => event.preventDefault(), { passive: false }) // or older iOS scrolls
  canvas.addEventListener('blur', lift)
  canvas.addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return
    if (ARROWS[event.key]) step(...ARROWS[event.key])
    else if (event.key === ' ') press()
    else if (event.key === 'Delete' || event.key === 'Backspace') clear()
    else return
    event.preventDefault()
  })
  document.addEventListener('keydown', (event) => {
    if (!(event.ctrlKey || event.metaKey) || (event.target instanceof HTMLElement && event.target.matches(TYPED)))
      return
    const key = event.key.toLowerCase()
    if (key === 'y' || (key === 'z' && event.shiftKey)) walk(redo)
    else if (key === 'z') walk(undo)
    else return
    event.preventDefault()
  })
  return { undo: () => walk(undo), redo: () => walk(redo), clear }
}
