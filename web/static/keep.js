// A reload keeps what is on the sheet and what was written: Gradio reloads the page by itself when a lost server is back,
// and phones do with old tabs.  The session's storage is emptied when the tab is closed.

import { canvasOf, flat } from './dom.js'
import { even, PENS } from './ink.js'
import { decode } from './share.js'
import { begin, enter, isBlank } from './sheet.js'
import { changed, kept } from './state.js'

/** @import {PageStore, Written} from './state.js' */
/** @import {Ink, Sheet} from './sheet.js' */

const STORE = 'sheet'
const PHOTO = 'photo'
const LINK = /^#s=([^&]+)$/

/** @param {PageStore} store */
export function startKeeping(store) {
  store.watch(['version', 'written', 'moving'], ({ past, written, moving }) => {
    if (moving) return
    const drawn = written.filter(({ sheet }) => !sheet.photo).map(({ sheet, text }) => ({ ink: sheet.ink, text }))
    put(STORE, JSON.stringify({ ink: past.now.ink, written: drawn }))
    keepPhoto(store, past.now)
  })
  addEventListener('hashchange', () => {
    const [ink, state] = [brought(), store.get()]
    if (ink) store.set({ ...kept(state), ...changed(state, enter(state.past, { ink, photo: null })) })
  })
}

/** @param {PageStore} store @param {Sheet} sheet */
async function keepPhoto(store, { photo }) {
  put(PHOTO, '')
  if (!photo) return
  const data = new Uint8Array(await photo.blob.arrayBuffer())
  let text = ''
  for (let i = 0; i < data.length; i += 8192) text += String.fromCharCode(...data.subarray(i, i + 8192))
  if (store.get().past.now.photo === photo) put(PHOTO, `${photo.blob.type};${btoa(text)}`)
}

/** @param {string} name @param {string} text */
function put(name, text) {
  try {
    sessionStorage.removeItem(name) // so that nothing older comes back in place of what is too large to keep
    sessionStorage.setItem(name, text)
  } catch {} // a visitor may forbid it, and it may be full
}

/** @param {string} name @returns {string | null} */
function get(name) {
  try {
    return sessionStorage.getItem(name)
  } catch {
    return null
  }
}

/**
 * Puts back what was on the sheet, or what a link brings.
 * @param {PageStore} store
 */
export async function recall(store) {
  /** @type {{ink?: Ink[], written?: {ink: Ink[], text: string}[]}} */
  const { ink: before = [], written = [] } = JSON.parse(get(STORE) ?? '{}')
  const ink = brought() ?? before
  /** @type {Written[]} */
  const cards = written.map(({ ink, text }) => ({ sheet: { ink, photo: null }, text }))
  store.set({ written: cards })
  if (ink.length) store.set(changed(store.get(), begin({ ink, photo: null })))
  else await recallPhoto(store)
}

/** @returns {Ink[] | null} the drawing of a link, which leaves the page's address */
function brought() {
  const strokes = decode(LINK.exec(location.hash)?.[1] ?? '')
  if (!strokes) return null
  history.replaceState(null, '', location.pathname + location.search)
  return strokes.map((points) => even(points, PENS.medium))
}

/** @param {PageStore} store */
async function recallPhoto(store) {
  const kept = get(PHOTO)
  if (!kept) return
  const [type, data] = kept.split(';')
  const blob = new Blob([Uint8Array.from(atob(data), (c) => c.charCodeAt(0))], { type })
  const image = await createImageBitmap(blob).then(copied, () => null)
  const state = store.get()
  if (isBlank(state.past.now)) {
    const { note } = state // of the answerer, which may have spoken meanwhile
    store.set({ ...changed(state, begin({ ink: [], photo: { image, blob } })), note })
  }
}

/** @param {ImageBitmap} bitmap */
function copied(bitmap) {
  const copy = canvasOf(bitmap.width, bitmap.height)
  flat(copy).drawImage(bitmap, 0, 0)
  return copy
}
