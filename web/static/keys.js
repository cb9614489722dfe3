// All the confidences, always in sight: a key a character that fills.  The keys also say what it may be, or what it was.

import { find, make } from './dom.js'
import { allows, alsoHolds, percent } from './reading.js'
import { isBlank } from './sheet.js'
import { focused, strokesOf } from './state.js'
import { say } from './words.js'

/** @import {Answerer} from './types.js' */
/** @import {PageStore, State} from './state.js' */

const ROW = 13 // characters in a row, half an alphabet

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
  const [told, correct] = [find(section, '.told'), find(section, '.correct')]
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
      item.style.setProperty('--p', String(p))
      item.classList.toggle('best', p === best && p > 0)
      item.title = `${label}: ${percent(p, language)}`
      face(label).setAttribute('aria-label', item.title)
      const others = (answer?.others ?? []).map((other) => {
        const found = other.characters[state.focus]
        return found ? Math.max(...found.probabilities) === found.probabilities[other.labels.indexOf(label)] : false
      })
      item.classList.toggle('other', character !== undefined && p !== best && others.includes(true))
    })
    mark(state)
  }

  /** @param {State} state what the keys do and say now */
  function mark({ picking, correcting, only, told: text, language, answer, promise }) {
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
    correct.hidden = !promise || answer?.status !== 'read' || answer.characters.length !== 1
    correct.setAttribute('aria-expanded', String(correcting))
    correct.textContent = say(language, correcting ? 'cancel' : 'wrong')
    if (correcting) told.textContent = say(language, 'what', { promise })
    else if (text) told.textContent = text
    else if (picking)
      told.textContent = only ? say(language, 'onlyThese', { list: [...only].join(' ') }) : say(language, 'pick')
    else told.textContent = ''
  }

  /** @param {string} label */
  function pick(label) {
    const set = new Set(own)
    if (!set.delete(label)) set.add(label)
    own = places
      .flat()
      .filter((each) => set.has(each))
      .join('')
    store.set({ only: own })
  }

  /** @param {string} label */
  async function keep(label) {
    const { past, only, version, language } = store.get()
    store.set({ correcting: false, accepted: { 0: label } })
    correct.focus()
    const key = `${version} ${label}`
    if (given.has(key)) return store.set({ told: say(language, 'thanks', { c: label }) })
    const sheet = past.now.photo ? { picture: past.now.photo.blob } : { strokes: strokesOf(past.now) }
    try {
      const text = await answerer.correct?.({ question: { turn: 0, only, several: false, ...sheet }, label })
      given.add(key)
      if (store.get().version === version) store.set({ told: text ?? '' })
    } catch (error) {
      if (store.get().version === version) store.set({ told: error instanceof Error ? error.message : String(error) })
    }
  }

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
  store.watch(['answer', 'focus', 'labels', 'language', 'late', 'only'], fill)
  store.watch(['picking', 'correcting', 'told', 'promise'], mark)
  fill(store.get())
}
