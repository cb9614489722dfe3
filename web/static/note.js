// What there is to say that is no answer.  It stands where answers stand: over the sheet it would hide the drawing.

import { find, write } from './dom.js'

/** @import {PageStore, State} from './state.js' */

/**
 * @param {HTMLElement} page
 * @param {PageStore} store
 */
export function startNote(page, store) {
  const place = find(page, '.note')

  /** @param {State} state */
  function show({ note }) {
    write(place, note)
    place.hidden = !note
    if (note) place.scrollIntoView({ block: 'nearest' }) // a window may be too small for all of the page
  }

  store.watch(['note'], show)
  show(store.get())
}
