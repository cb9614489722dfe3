// The line at the foot, and of the page of words: how good it is, what is kept, the source; and the language.

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
  function show({ language, quality, promise, fate, source }) {
    const [top, merged] = quality.map((share) => (share < 1 ? Math.min(99, Math.round(100 * share)) : 100))
    const good = quality.length ? say(language, 'quality', { top, merged }) : ''
    const kept = say(language, promise ? 'keptSome' : fate)
    for (const facts of page.querySelectorAll('.facts')) {
      facts.replaceChildren(`${good} ${kept} ${say(language, 'licence')} `)
      if (source) facts.append(linked(say(language, 'source'), source))
    }
    select.value = language
  }

  select.addEventListener('change', () => store.set({ language: select.value }))
  store.watch(['language', 'quality', 'promise', 'fate', 'source'], show)
  show(store.get())
}

/** @param {string} text @param {string} href */
const linked = (text, href) =>
  Object.assign(make('a', 'link', text), { href, target: '_blank', rel: 'noopener noreferrer' })
