// The line at the foot: how good it is, what is kept, and the language.

import { find, make } from './dom.js'
import { NAMES, say } from './words.js'

/** @import {PageStore, State} from './state.js' */

/**
 * @param {HTMLElement} page
 * @param {PageStore} store
 */
export function startLine(page, store) {
  const line = find(page, '.line')
  const select = /** @type {HTMLSelectElement} */ (find(line, '.language'))
  select.replaceChildren(
    ...Object.entries(NAMES).map(([value, name]) => Object.assign(make('option', '', name), { value, lang: value })),
  )

  /** @param {State} state */
  function show({ language, quality, promise }) {
    const [top, merged] = quality.map((share) => Math.round(100 * share))
    const good = quality.length ? say(language, 'quality', { top, merged }) : ''
    const kept = say(language, promise ? 'keptSome' : 'keptNone')
    find(line, '.facts').textContent = `${good} ${kept} ${say(language, 'licence')}`
    select.value = language
  }

  select.addEventListener('change', () => store.set({ language: select.value }))
  store.watch(['language', 'quality', 'promise'], show)
  show(store.get())
}
