// How does it see?  The network's feature maps, all of them, as they fill while the pen moves; a tap lays one over the
// drawing.  Beside them a page of plain words.

import { canvasOf, find, flat, make, open, tint } from './dom.js'
import { isBlank } from './sheet.js'
import { say } from './words.js'

/** @import {Layer} from './types.js' */
/** @import {PageStore, State} from './state.js' */
/** @import {Key} from './words.js' */

const GAP = 1 // gap between two maps, in their pixels
const PARTS = /** @type {const} */ (['how1', 'how2', 'how3', 'how4', 'how5', 'how6'])

/**
 * @param {{channels: number, side: number}} layer
 * @returns {{columns: number, rows: number}} of maps, about three times as wide as high
 */
function grid({ channels, side }) {
  const columns = Math.ceil(Math.sqrt(channels * (side > 8 ? 1.6 : 1.8)))
  return { columns, rows: Math.ceil(channels / columns) }
}

/** @param {Layer} layer @param {number[]} ink @param {number} chosen */
function drawn(layer, ink, chosen) {
  const { channels, side, values } = layer
  const { columns, rows } = grid(layer)
  const canvas = canvasOf(columns * (side + GAP) - GAP, rows * (side + GAP) - GAP)
  const image = flat(canvas).createImageData(canvas.width, canvas.height)
  for (let channel = 0; channel < channels; channel++) {
    const [left, top] = [(channel % columns) * (side + GAP), Math.floor(channel / columns) * (side + GAP)]
    for (let i = 0; i < side * side; i++) {
      const at = 4 * ((top + Math.floor(i / side)) * canvas.width + left + (i % side))
      const value = values[channel * side * side + i]
      image.data.set(
        channel === chosen ? [255, 140, 40, 90 + value * 0.65] : [...ink, 16 + 239 * Math.sqrt(value / 255)],
        at,
      )
    }
  }
  flat(canvas).putImageData(image, 0, 0)
  return canvas
}

/**
 * @param {HTMLElement} page
 * @param {PageStore} store
 */
export function startSeeing(page, store) {
  const maps = find(page, '.maps')
  const toggle = /** @type {HTMLInputElement} */ (find(page, '.seeing'))
  const dialog = /** @type {HTMLDialogElement} */ (find(page, 'dialog.how'))

  /** @param {State} state */
  function show(state) {
    const { answer, past, seeing, laid, language } = state
    page.classList.toggle('sees', seeing)
    maps.hidden = !seeing
    if (!seeing) return
    const layers = isBlank(past.now) ? [] : (answer?.maps ?? [])
    const focus = document.activeElement?.getAttribute('data-layer')
    maps.replaceChildren(
      ...layers.map((layer, index) => {
        const button = make('button', 'layer')
        button.type = 'button'
        button.dataset.layer = String(index)
        button.setAttribute('aria-label', say(language, 'layer', { n: layer.channels, side: layer.side }))
        button.append(drawn(layer, tint(), laid?.layer === index ? laid.channel : -1))
        button.append(make('span', 'caption', `${layer.channels} × ${layer.side}×${layer.side}`))
        return button
      }),
    )
    if (!layers.length) maps.append(make('p', 'empty', say(language, 'mapsEmpty')))
    if (focus) /** @type {HTMLElement | null} */ (maps.querySelector(`[data-layer="${focus}"]`))?.focus()
  }

  /** @param {number} layer @param {number} channel */
  function lay(layer, channel) {
    const { laid } = store.get()
    const same = laid?.layer === layer && laid.channel === channel
    store.set({ laid: same ? null : { layer, channel } })
  }

  maps.addEventListener('click', (event) => {
    const button = event.target instanceof Element ? event.target.closest('button') : null
    const layer = Number(button?.dataset.layer)
    const shape = button && store.get().answer?.maps?.[layer]
    if (!shape) return
    const box = find(button, 'canvas').getBoundingClientRect()
    const { columns, rows } = grid(shape)
    const column = Math.floor(((event.clientX - box.left) / box.width) * columns)
    const row = Math.floor(((event.clientY - box.top) / box.height) * rows)
    if (event.detail) lay(layer, Math.min(shape.channels - 1, Math.max(0, row * columns + column)))
    else lay(layer, strongest(shape)) // pressed by the keyboard, which points at no map
  })
  maps.addEventListener('keydown', (event) => {
    const { laid, answer } = store.get()
    const by = { ArrowRight: 1, ArrowLeft: -1 }[event.key]
    const shape = laid && answer?.maps?.[laid.layer]
    if (!by || !shape) return
    event.preventDefault()
    store.set({ laid: { layer: laid.layer, channel: (laid.channel + by + shape.channels) % shape.channels } })
  })
  toggle.addEventListener('change', () => store.set({ seeing: toggle.checked, laid: null }))
  find(page, '[data-do=how]').addEventListener('click', () => open(dialog))
  find(dialog, '[data-do=close]').addEventListener('click', () => dialog.close())
  dialog.addEventListener('click', (event) => {
    if (event.target === dialog) dialog.close()
  })
  store.watch(['answer', 'seeing', 'laid', 'language'], show)
  store.watch(['language'], ({ language }) => words(dialog, language))
  words(dialog, store.get().language)
  show(store.get())
}

/** @param {Layer} layer @returns {number} the channel that answers most */
function strongest({ channels, side, values }) {
  const sums = Array.from({ length: channels }, (_, channel) =>
    values.subarray(channel * side * side, (channel + 1) * side * side).reduce((sum, value) => sum + value, 0),
  )
  return sums.indexOf(Math.max(...sums))
}

/** @param {HTMLElement} dialog @param {string} language */
function words(dialog, language) {
  find(dialog, '.words').replaceChildren(
    ...PARTS.map((key) => {
      const [head, ...text] = say(language, /** @type {Key} */ (key)).split('|')
      const part = make('section')
      part.append(make('h3', '', head), make('p', '', text.join('|')))
      return part
    }),
  )
}
