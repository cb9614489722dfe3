// What was written so far, and examples to try: tap to have it on the sheet.

import { find, flat, make } from './dom.js'
import { examples } from './examples.js'
import { bounds, simplify } from './geometry.js'
import { backing } from './pad.js'
import { enter } from './sheet.js'
import { changed, kept, strokesOf } from './state.js'
import { say } from './words.js'

/** @import {Stroke} from './types.js' */
/** @import {PageStore, State, Written} from './state.js' */

/** @param {Stroke[]} strokes @returns {SVGSVGElement} */
export function thumbnail(strokes) {
  const svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg')
  const [x0, y0, x1, y1] = bounds(strokes)
  const side = Math.max(x1 - x0, y1 - y0, 0.1) * 1.25
  const [x, y] = [(x0 + x1 - side) / 2, (y0 + y1 - side) / 2]
  svg.setAttribute('viewBox', `${x.toFixed(3)} ${y.toFixed(3)} ${side.toFixed(3)} ${side.toFixed(3)}`)
  svg.setAttribute('aria-hidden', 'true')
  const path = document.createElementNS('http://www.w3.org/2000/svg', 'path')
  const lines = strokes.map((stroke) => simplify(stroke, side / 150).map(([u, v]) => `${u.toFixed(3)} ${v.toFixed(3)}`))
  path.setAttribute('d', lines.map((points) => `M${points.join('L')}${points.length === 1 ? 'z' : ''}`).join(''))
  path.setAttribute('stroke-width', (side * 0.075).toFixed(3))
  svg.append(path)
  return svg
}

/**
 * @param {HTMLElement} page
 * @param {PageStore} store
 * @param {(strokes: Stroke[]) => void} play
 */
export function startShelf(page, store, play) {
  const shelf = find(page, '.shelf')

  /** @param {Written} entry @param {string} language */
  function card({ sheet, text }, language) {
    const button = make('button', 'card')
    button.type = 'button'
    if (sheet.photo?.image) button.append(small(sheet.photo.image))
    else button.append(thumbnail(strokesOf(sheet)))
    button.append(make('b', '', text))
    button.title = say(language, 'bringBack', { text })
    button.setAttribute('aria-label', button.title)
    button.addEventListener('click', () => {
      store.set(kept(store.get()))
      store.set(changed(store.get(), enter(store.get().past, sheet)))
    })
    return button
  }

  /** @param {string} name @param {Stroke[]} strokes @param {string} language */
  function example(name, strokes, language) {
    const button = make('button', 'example')
    button.type = 'button'
    button.append(thumbnail(strokes))
    button.title = say(language, 'drawExample', { c: name })
    button.setAttribute('aria-label', button.title)
    button.addEventListener('click', () => play(strokes))
    return button
  }

  /** @param {State} state */
  function show({ written, language, labels }) {
    const cards = [...written].reverse().map((entry) => card(entry, language))
    const more = examples(labels).map(([name, strokes]) => example(name, strokes, language))
    const items = [...cards, ...more].map((button) => {
      const item = make('li')
      item.append(button)
      return item
    })
    const held = /** @type {HTMLElement | null} */ (shelf.querySelector('button:focus'))?.title
    shelf.replaceChildren(...items)
    if (held) [...shelf.querySelectorAll('button')].find(({ title }) => title === held)?.focus()
  }

  store.watch(['written', 'language', 'labels'], show)
  show(store.get())
}

/** @param {HTMLCanvasElement} image */
function small(image) {
  const copy = make('canvas')
  Object.assign(copy, { width: 96, height: 96 })
  const scale = Math.min(96 / image.width, 96 / image.height)
  const [width, height] = [image.width * scale, image.height * scale]
  const context = flat(copy)
  context.fillStyle = backing(image)
  context.fillRect((96 - width) / 2, (96 - height) / 2, width, height)
  context.drawImage(image, (96 - width) / 2, (96 - height) / 2, width, height)
  return copy
}
