// The tools on the sheet.

import { find, write } from './dom.js'
import { isBlank } from './sheet.js'
import { say } from './words.js'

/** @import {PageStore, State} from './state.js' */

/**
 * @param {HTMLElement} page
 * @param {PageStore} store
 * @param {Record<string, () => void>} actions by the name in data-do
 */
export function startTools(page, store, actions) {
  const tools = find(page, '.tools')
  const hint = find(page, '.hint')

  /** @param {string} name */
  const button = (name) => /** @type {HTMLButtonElement} */ (find(tools, `[data-do=${name}]`))

  tools.addEventListener('click', (event) => {
    const pressed = event.target instanceof Element ? event.target.closest('button') : null
    const { pen, do: name = '' } = /** @type {HTMLElement | null} */ (pressed)?.dataset ?? {}
    if (pen) store.set({ pen: /** @type {State['pen']} */ (pen), rubbing: false })
    else if (name === 'rubber') store.set({ rubbing: !store.get().rubbing })
    else actions[name]?.()
  })

  /** @param {State} state */
  function show({ past, filming, moving, pen, rubbing, language }) {
    const blank = isBlank(past.now)
    const focused = tools.querySelector('button:focus')
    button('undo').disabled = !past.undone.length
    button('redo').disabled = !past.redone.length
    button('clear').disabled = blank && !filming
    write(find(button('clear'), 'span'), say(language, filming ? 'cancel' : 'clear'))
    write(find(button('camera'), 'span'), say(language, filming ? 'take' : 'camera'))
    for (const each of tools.querySelectorAll('[data-pen]')) {
      const mine = /** @type {HTMLElement} */ (each).dataset.pen === pen
      each.setAttribute('aria-pressed', String(mine && !rubbing))
    }
    button('rubber').setAttribute('aria-pressed', String(rubbing))
    page.classList.toggle('rubbing', rubbing)
    page.classList.toggle('moving', moving)
    page.classList.toggle('pictured', Boolean(past.now.photo))
    if (focused?.matches(':disabled')) find(page, '.pad').focus({ preventScroll: true })
    hint.hidden = !blank || moving || filming
  }

  store.watch(['past', 'filming', 'moving', 'pen', 'rubbing', 'language'], show)
  button('camera').hidden = !navigator.mediaDevices
  show(store.get())
}
