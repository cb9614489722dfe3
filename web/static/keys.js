// All the confidences, always in sight: a key a character that fills.  The keys also say what it may be, or what it was.

import { find, make, write } from './dom.js'
import { allows, alsoHolds, classOf, graphemes, narrows, percent, reading } from './reading.js'
import { isBlank } from './sheet.js'
import { context, focused, strokesOf } from './state.js'
import { say, translated } from './words.js'

/** @import {Answerer, Stroke} from './types.js' */
/** @import {PageStore, State} from './state.js' */

const ROW = 13 // most characters in a row: half an alphabet
const LONG = 9 // rows beyond which they scroll by themselves: with more, the sheet and its tools would lose their place
const FINE = 200 // steps in which a key fills
const NOT_A_CHARACTER = 'not a character' // label of a picture that shows none, as `train` reads it

/**
 * @param {string[]} labels
 * @returns {string[][]} digits, capitals, small letters, and whatever else there is; no row longer than half an alphabet
 */
export function rows(labels) {
  const kinds = [/^[0-9]$/, /^[A-Z]$/, /^[a-z]$/]
  const groups = kinds.map((kind) => labels.filter((label) => kind.test(label)))
  groups.push(labels.filter((label) => !kinds.some((kind) => kind.test(label))))
  return groups.flatMap((group) =>
    Array.from({ length: Math.ceil(group.length / ROW) }, (_, i) => group.slice(i * ROW, (i + 1) * ROW)),
  )
}

/**
 * @param {string[][]} places
 * @param {string} label
 * @param {string} key of the keyboard
 * @returns {string | undefined} the character that the key leads to
 */
export function neighbour(places, label, key) {
  const order = places.flat()
  const y = places.findIndex((row) => row.includes(label))
  if (key === 'ArrowUp' || key === 'ArrowDown') {
    const row = places[y + (key === 'ArrowUp' ? -1 : 1)]
    return row?.[Math.min(places[y].indexOf(label), row.length - 1)]
  }
  if (key === 'Home' || key === 'End') return order.at(key === 'End' ? -1 : 0)
  if (key === 'ArrowLeft' || key === 'ArrowRight') return order[order.indexOf(label) + (key === 'ArrowLeft' ? -1 : 1)]
  return [key, key.toUpperCase()].find((each) => order.includes(each))
}

/**
 * @param {HTMLElement} page
 * @param {PageStore} store
 * @param {Answerer} answerer
 */
export function startKeys(page, store, answerer) {
  const section = find(page, '.chart')
  const list = find(section, '.keys')
  const [told, yes, correct, nothing] = ['.told', '.yes', '.correct', '.nothing'].map((name) => find(page, name))
  /** @type {Map<string, HTMLElement>} */
  let tiles = new Map()
  /** @type {string[][]} */
  let places = []
  let own = ''
  /** @type {Set<string>} corrections that were thanked for, by sheet and label */
  const given = new Set()

  /** @param {string} label */
  const face = (label) => /** @type {HTMLButtonElement} */ (tiles.get(label)?.lastElementChild)

  /** @param {string[]} labels */
  function lay(labels) {
    if (labels.join('\n') === [...tiles.keys()].join('\n')) return
    tiles = new Map(labels.map((label) => [label, tile(label, labels)]))
    places = rows(labels)
    for (const row of places) tiles.get(row[0])?.classList.add('first')
    list.replaceChildren(...places.flat().map((label) => /** @type {HTMLElement} */ (tiles.get(label))))
    if (places[0]) face(places[0][0]).tabIndex = 0
    list.classList.toggle('long', places.length > LONG)
    section.style.setProperty('--rows', String(places.length))
  }

  /** @param {string} label @param {string[]} labels */
  function tile(label, labels) {
    const item = make('li', 'key')
    const button = make('button', '', label)
    Object.assign(button, { type: 'button', disabled: true, tabIndex: -1 })
    button.dataset.character = label
    const other = alsoHolds(label, labels)
    if (other) button.append(make('small', '', other))
    button.addEventListener('click', () => (store.get().correcting ? keep(label) : pick(label)))
    item.append(make('i', 'bar'), button)
    return item
  }

  /** @param {State} state */
  function fill(state) {
    const { answer, language, past } = state
    lay(answer?.labels.length ? answer.labels : state.labels)
    const character = isBlank(past.now) ? undefined : focused(state)
    const probabilities = character?.probabilities ?? []
    const best = Math.max(0, ...probabilities)
    section.classList.toggle('unsure', Boolean(character && !character.isCharacter))
    section.classList.toggle('late', state.late)
    ;[...tiles.keys()].forEach((label, i) => {
      const [item, p] = [/** @type {HTMLElement} */ (tiles.get(label)), probabilities[i] ?? 0]
      const [height, title] = [String(Math.round(FINE * p) / FINE), `${label}: ${percent(p, language)}`]
      if (item.style.getPropertyValue('--p') !== height) item.style.setProperty('--p', height)
      item.classList.toggle('best', p === best && p > 0)
      if (item.title !== title) face(label).setAttribute('aria-label', title)
      if (item.title !== title) item.title = title
      const others = (answer?.others ?? []).map((other) => {
        const found = other.characters[state.focus]
        return found ? Math.max(...found.probabilities) === found.probabilities[other.labels.indexOf(label)] : false
      })
      item.classList.toggle('other', character !== undefined && p !== best && others.includes(true))
    })
    offer(state)
  }

  /** @param {State} state what the keys do now */
  function mark(state) {
    const { picking, correcting, only, labels, names } = state
    for (const each of section.querySelectorAll('[value=digits], [value=letters]')) {
      const { value, parentElement } = /** @type {HTMLInputElement} */ (each)
      const useful = narrows(labels, value) || names.length > 1 // of several models, others may know more
      if (parentElement) parentElement.hidden = !useful && value !== only
    }
    for (const each of section.querySelectorAll('[name=only]')) {
      const choice = /** @type {HTMLInputElement} */ (each)
      choice.checked = choice.value === (picking ? 'own' : only) // the game takes a restriction away
    }
    const active = picking || correcting
    section.classList.toggle('picking', picking && !correcting)
    section.classList.toggle('correcting', correcting)
    for (const label of tiles.keys()) {
      const button = face(label)
      tiles
        .get(label)
        ?.classList.toggle('out', !correcting && (Boolean(only) || picking) && !(only && allows(label, only)))
      button.disabled = !active
      if (picking && !correcting) button.setAttribute('aria-pressed', String(Boolean(only) && allows(label, only)))
      else button.removeAttribute('aria-pressed')
    }
    offer(state)
  }

  /** @param {State} state what can be said of the answer, and what there is to say */
  function offer(state) {
    const { picking, correcting, only, told: text, language, answer, version, focus } = state
    const can = Boolean(state.promise && onSheet(state))
    const it = answer?.characters.length === 1 ? said(state) : ''
    const known = given.has(`${version} ${focus} ${it}`)
    yes.hidden = !can || correcting || known || !it || it === NOT_A_CHARACTER
    nothing.hidden = !can || known || !(correcting || it === NOT_A_CHARACTER)
    correct.hidden = !can
    correct.setAttribute('aria-expanded', String(correcting))
    write(correct, say(language, correcting ? 'cancel' : 'wrong'))
    if (picking && !correcting && !text)
      write(told, only ? say(language, 'onlyThese', { list: graphemes(only).join(' ') }) : say(language, 'pick'))
    else write(told, text)
  }

  /** @param {string} label */
  function pick(label) {
    const set = new Set(graphemes(own))
    if (!set.delete(label)) set.add(label)
    own = places
      .flat()
      .filter((each) => set.has(each))
      .join('')
    store.set({ only: own })
  }

  /** @param {string} label the character that it was, or NOT_A_CHARACTER */
  async function keep(label) {
    const state = store.get()
    const { version, language, focus, accepted } = state
    const sheet = onSheet(state)
    if (!sheet) return
    const isCharacter = label !== NOT_A_CHARACTER
    store.set({ correcting: false, accepted: isCharacter ? { ...accepted, [focus]: label } : accepted })
    correct.focus()
    const thanks = say(language, 'thanks', { c: isCharacter ? label : say(language, 'notOne') })
    const key = `${version} ${focus} ${label}`
    if (given.has(key)) return store.set({ told: thanks })
    try {
      const refusal = await answerer.correct?.({ question: { turn: 0, only: '', several: false, ...sheet }, label })
      if (!refusal) given.add(key)
      if (store.get().version === version) store.set({ told: translated(language, refusal ?? '') || thanks })
    } catch (error) {
      if (store.get().version === version)
        store.set({ told: translated(language, error instanceof Error ? error.message : String(error)) })
    }
  }

  yes.addEventListener('click', () => keep(said(store.get())))
  nothing.addEventListener('click', () => keep(NOT_A_CHARACTER))
  correct.addEventListener('click', () => {
    store.set({ correcting: !store.get().correcting, told: '' })
    if (store.get().correcting)
      [...tiles.keys()]
        .map(face)
        .find(({ tabIndex }) => tabIndex === 0)
        ?.focus()
  })
  section.addEventListener('change', (event) => {
    if (!(event.target instanceof HTMLInputElement) || event.target.name !== 'only') return
    const { value } = event.target
    store.set({ only: value === 'own' ? own : value, picking: value === 'own', correcting: false, told: '' })
  })
  list.addEventListener('keydown', (event) => {
    if (event.key === 'Escape' && store.get().correcting) {
      store.set({ correcting: false })
      return correct.focus()
    }
    if (event.ctrlKey || event.metaKey || event.altKey) return
    const label = event.target instanceof HTMLElement ? (event.target.dataset.character ?? '') : ''
    const next = neighbour(places, label, event.key)
    if (next === undefined) return
    event.preventDefault()
    face(next).focus()
  })
  list.addEventListener('focusin', (event) => {
    for (const label of tiles.keys()) face(label).tabIndex = face(label) === event.target ? 0 : -1
  })
  store.watch(['answer', 'focus', 'labels', 'language', 'late'], fill)
  store.watch(['labels', 'names', 'picking', 'correcting', 'only'], mark)
  store.watch(['focus', 'accepted', 'one', 'moving'], ({ moving }) => {
    if (!moving) store.set({ told: '' }) // it was said of another answer
  })
  store.watch(['told', 'promise', 'accepted'], offer)
  fill(store.get())
  mark(store.get())
}

/**
 * What is on the sheet of the character in focus, to be kept; null where that is not one character by itself.
 * @param {State} state
 * @returns {{strokes: Stroke[]} | {picture: Blob} | null}
 */
function onSheet(state) {
  const { past, answer, answered, version } = state
  if (answer?.status !== 'read' || answered !== version) return null
  const [strokes, parts] = [strokesOf(past.now), focused(state)?.strokes]
  if (answer.characters.length === 1) return past.now.photo ? { picture: past.now.photo.blob } : { strokes }
  return parts && !past.now.photo ? { strokes: parts.map((at) => strokes[at]) } : null
}

/** @param {State} state @returns {string} the label that the answer in focus comes to; "" for a choice of equals */
function said(state) {
  const { answer, focus, only, accepted } = state
  const character = focused(state)
  if (!answer || !character) return ''
  const { labels } = answer
  const known = { only, before: context(state, focus), accepted: accepted[focus] }
  const { tone, large } = reading(character, labels, known)
  if (tone === 'none') return NOT_A_CHARACTER
  return tone === 'tie' || !large[0] ? '' : classOf(large[0], labels)
}
