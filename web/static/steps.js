// The way from the paper to the 28×28 pixels, as one strip; the last picture can carry the heat of where it looked.

import { canvasOf, find, flat, make } from './dom.js'
import { pictureOf } from './pad.js'
import { isBlank } from './sheet.js'
import { focused } from './state.js'
import { say } from './words.js'

/** @import {Step} from './types.js' */
/** @import {PageStore, State} from './state.js' */
/** @import {Key} from './words.js' */

const NAMES = /** @type {const} */ (['picture', 'pen', 'image']) // the steps of a drawing
const SIDE = 112 // px: side of the picture of the drawing
export const HEAT = [255, 92, 26] // colour of where the network looked

/** @param {Step} step */
export function grey({ width, height, values }) {
  const canvas = canvasOf(width, height)
  const image = flat(canvas).createImageData(width, height)
  for (const [i, value] of values.entries()) image.data.set([value, value, value, 255], i * 4)
  flat(canvas).putImageData(image, 0, 0)
  return canvas
}

/** @param {Uint8Array} values side × side @param {number[]} colour */
export function veil(values, colour) {
  const side = Math.round(Math.sqrt(values.length))
  const canvas = canvasOf(side, side)
  const image = flat(canvas).createImageData(side, side)
  for (const [i, value] of values.entries()) image.data.set([...colour, value * 0.8], i * 4)
  flat(canvas).putImageData(image, 0, 0)
  return canvas
}

/**
 * @param {HTMLElement} page
 * @param {PageStore} store
 */
export function startSteps(page, store) {
  const strip = find(page, '.steps')
  const looking = /** @type {HTMLInputElement} */ (find(page, '.looking'))

  /** @type {unknown[]} what is shown: the strip is made anew only when it changes */
  let shown = []

  /** @param {State} state */
  function show(state) {
    const { answer, past, language } = state
    const blank = isBlank(past.now) || answer?.status === 'note' // what could not be read has no steps
    const steps = blank ? undefined : answer?.steps
    if (!steps && !blank && shown.length) return // until the pen rests, the steps of before stay
    const now = [steps, language, state.looking && answer?.attention]
    if (shown.length && now.every((each, i) => each === shown[i])) return
    shown = now
    const items = (steps ?? NAMES.map((name) => ({ name, width: 0, height: 0, values: new Uint8Array() }))).map(
      (step) => {
        const item = make('li', `step ${step.name}`)
        const frame = make('div', 'frame')
        if (step.width) frame.append(picture(step, state))
        if (step.name === 'image' && steps && answer?.attention && state.looking) {
          const heat = veil(answer.attention, HEAT)
          heat.className = 'heat'
          frame.append(heat)
        }
        item.append(frame, make('span', 'caption', say(language, /** @type {Key} */ (`step_${step.name}`))))
        return item
      },
    )
    strip.classList.toggle('later', !steps)
    strip.replaceChildren(...items)
  }

  looking.addEventListener('change', () => store.set({ looking: looking.checked }))
  store.watch(['answer', 'looking', 'language'], show)
  show(store.get())
}

/** @param {Step} step @param {State} state the drawing itself is drawn here: the server need not send it */
function picture(step, state) {
  const { ink } = state.past.now
  if (step.name !== 'picture' || !ink.length) return grey(step)
  const own = focused(state)?.strokes // those of one of several characters
  return pictureOf(own ? ink.filter((_, at) => own.includes(at)) : ink, SIDE)
}
