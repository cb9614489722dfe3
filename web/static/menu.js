// Keep and share: copy as text, a link that carries the strokes, the drawing and its 28×28 as files.

import { find, make } from './dom.js'
import { pictureOf } from './pad.js'
import { textOf } from './reading.js'
import { encode } from './share.js'
import { isBlank } from './sheet.js'
import { strokesOf } from './state.js'
import { grey } from './steps.js'
import { say } from './words.js'

/** @import {PageStore, State} from './state.js' */
/** @import {Key} from './words.js' */

const SIDE = 800 // px: side of the drawing that is saved

/**
 * @param {State} state
 * @returns {string} all that was written in this tab
 */
function allText({ written, past, answer, accepted }) {
  const before = written.filter(({ sheet }) => sheet !== past.now).map(({ text }) => text)
  const now = !isBlank(past.now) && answer?.status === 'read' ? [textOf(answer, accepted)] : []
  return [...before, ...now].join('\n')
}

/** @param {HTMLCanvasElement} canvas @param {string} name */
function save(canvas, name) {
  canvas.toBlob((blob) => {
    if (!blob) return
    const link = Object.assign(document.createElement('a'), { href: URL.createObjectURL(blob), download: name })
    link.click()
    setTimeout(() => URL.revokeObjectURL(link.href), 1000)
  })
}

/**
 * Copies as browsers did before the clipboard's interface, which they offer over https alone.
 * @param {string} text
 * @returns {boolean} whether it was copied
 */
function copiedBySelection(text) {
  const field = Object.assign(make('textarea', 'hidden'), { value: text })
  document.getElementById('page')?.append(field)
  field.select()
  const done = document.execCommand('copy')
  field.remove()
  return done
}

/**
 * @param {HTMLElement} page
 * @param {PageStore} store
 */
export function startMenu(page, store) {
  const menu = /** @type {HTMLDetailsElement} */ (find(page, '.menu'))
  const tell = (/** @type {Key} */ key, /** @type {Record<string, string>} */ values = {}) =>
    store.set({ told: say(store.get().language, key, values) })

  /** @param {string} text */
  async function copy(text) {
    try {
      await navigator.clipboard.writeText(text)
      tell('copied')
    } catch {
      if (copiedBySelection(text)) tell('copied')
      else tell('notCopied', { text })
    }
  }

  /** @type {Record<string, (state: State) => unknown>} */
  const actions = {
    text: (state) => copy(allText(state)),
    link: ({ past }) => copy(`${location.href.split('#')[0]}#s=${encode(strokesOf(past.now))}`),
    drawing: ({ past }) => save(past.now.photo?.image ?? pictureOf(past.now.ink, SIDE), 'drawing.png'),
    pixels({ answer }) {
      const image = answer?.steps?.find(({ name }) => name === 'image')
      if (image) save(grey(image), '28x28.png')
    },
  }

  menu.addEventListener('click', (event) => {
    const button = event.target instanceof Element ? event.target.closest('button') : null
    if (!button) return
    actions[button.dataset.keep ?? '']?.(store.get())
    menu.open = false
  })
  menu.addEventListener('toggle', () => {
    const { past, answer, written } = store.get()
    const able = {
      text: answer?.status === 'read' || written.length > 0,
      link: past.now.ink.length > 0,
      drawing: !isBlank(past.now),
      pixels: Boolean(answer?.steps),
    }
    for (const button of menu.querySelectorAll('button')) {
      button.disabled = !able[/** @type {keyof typeof able} */ (button.dataset.keep)]
    }
  })
  document.addEventListener('pointerdown', (event) => {
    if (event.target instanceof Node && !menu.contains(event.target)) menu.open = false
  })
  menu.addEventListener('keydown', (event) => {
    if (event.key !== 'Escape') return
    menu.open = false
    find(menu, 'summary').focus()
  })
}
