// The answer: what was read, large; one sentence; the alternatives.

import { find, make } from './dom.js'
import { alsoHolds, percent, ranked, reading } from './reading.js'
import { isBlank } from './sheet.js'
import { context, focused } from './state.js'
import { list, say, withArticle } from './words.js'

/** @import {PageStore, State} from './state.js' */
/** @import {Reading} from './reading.js' */
/** @import {Answer, Character} from './types.js' */

const SPOKEN_AFTER = 700 // ms without change before the answer is read out

/**
 * @param {HTMLElement} page
 * @param {PageStore} store
 */
export function startAnswer(page, store) {
  const section = find(page, '.answer')
  const [large, saying, chips, beside, spoken] = ['large', 'saying', 'chips', 'beside', 'spoken'].map((name) =>
    find(section, `.${name}`),
  )
  let speaker = 0

  /** @param {number} at @param {string} label */
  const accept = (at, label) => store.set({ accepted: { ...store.get().accepted, [at]: label } })

  /** @param {string} text */
  function speak(text) {
    clearTimeout(speaker)
    speaker = setTimeout(() => {
      spoken.textContent = text
    }, SPOKEN_AFTER)
  }

  /** @param {State} state @param {Answer} answer */
  function several(state, { characters, text, labels }) {
    let at = -1
    const parts = [...text].map((c) => {
      if (c === '\n') return make('br')
      if (/\s/.test(c)) return make('span', 'space', ' ')
      at += 1
      const index = at
      const found = reading(whole(state, characters[index]), labels, knownOf(state, index))
      const button = make('button', `glyph one ${found.tone}`, found.tone === 'accepted' ? found.large[0] : c)
      button.type = 'button'
      button.setAttribute('aria-pressed', String(index === state.focus))
      button.addEventListener('click', () => store.set({ focus: index }))
      return button
    })
    large.replaceChildren(...parts)
    large.style.setProperty('--count', String(Math.max(...text.split('\n').map((line) => [...line].length))))
    large.style.setProperty('--lines', String(text.split('\n').length))
  }

  /** @param {State} state @param {Reading} found @param {string[]} labels */
  function single(state, found, labels) {
    const glyphs = (found.tone === 'none' ? ['?'] : found.large).map((label) => {
      const glyph = make(found.tone === 'tie' ? 'button' : 'span', `glyph ${found.tone}`, label)
      if (glyph instanceof HTMLButtonElement) glyph.type = 'button'
      if (found.tone === 'tie') glyph.addEventListener('click', () => accept(state.focus, label))
      const other = found.tone === 'none' ? '' : alsoHolds(label, labels)
      if (other && found.tone !== 'tie') glyph.append(make('small', '', other))
      return glyph
    })
    large.replaceChildren(...glyphs)
    large.style.setProperty('--count', String(glyphs.length))
    large.style.setProperty('--lines', '1')
  }

  /** @param {State} state @param {Reading} found */
  function offer(state, found) {
    chips.replaceChildren(
      ...found.chips.map(({ label, p }) => {
        const item = make('li')
        const chip = make('button', 'chip')
        chip.type = 'button'
        chip.append(make('b', '', label), make('span', '', percent(p, state.language)))
        chip.setAttribute('aria-pressed', String(state.accepted[state.focus] === label))
        chip.addEventListener('click', () => accept(state.focus, label))
        item.append(chip)
        return item
      }),
    )
  }

  /** @param {State} state */
  function show(state) {
    const { answer, past, language } = state
    const blank = isBlank(past.now)
    section.dataset.status = blank || !answer ? 'blank' : answer.status
    section.classList.toggle('late', state.late)
    const character = focused(state)
    if (blank || !answer || !character) return nothing(state, blank)
    const many = answer.characters.length > 1
    const found = reading(whole(state, character), answer.labels, knownOf(state, state.focus))
    section.dataset.tone = found.tone
    section.classList.toggle('many', many)
    if (many) several(state, answer)
    else single(state, found, answer.labels)
    offer(state, found)
    const said = sentence(language, found, answer)
    saying.textContent = many
      ? say(language, 'several', { n: answer.characters.length, p: percent(answer.confidence, language) })
      : said
    beside.textContent = [state.late ? say(language, 'late') : answer.remark, ...others(state, answer)]
      .filter(Boolean)
      .join(' ')
    speak(many ? `${answer.text}. ${saying.textContent}` : spokenOf(language, said, found))
  }

  /** @param {State} state @param {boolean} blank */
  function nothing(state, blank) {
    const text = blank ? '' : (state.answer?.note ?? '')
    large.replaceChildren()
    chips.replaceChildren()
    section.classList.remove('many')
    section.dataset.tone = ''
    saying.textContent = text || gettingReady(state)
    beside.textContent = state.late ? say(state.language, 'late') : ''
    if (text) speak(text)
    else if (blank && state.version) speak(say(state.language, 'cleared'))
  }

  store.watch(
    ['answer', 'accepted', 'focus', 'late', 'only', 'language', 'ready', 'progress', 'written', 'moving'],
    show,
  )
  show(store.get())
}

/** @param {State} state @returns {string} how far the answerer is, until it can answer */
function gettingReady({ ready, failed, progress, language }) {
  if (failed) return ''
  if (ready) return say(language, 'invite')
  return `${say(language, 'loading')}${progress ? ` ${Math.floor(100 * progress)}\u00a0%` : ''}`
}

/** @param {State} state @param {Character} character @returns {Character} half a character is none yet, and no cause for doubt */
const whole = ({ moving }, character) => (moving ? { ...character, isCharacter: true } : character)

/** @param {State} state @param {number} at */
const knownOf = (state, at) => ({ only: state.only, before: context(state, at), accepted: state.accepted[at] })

/** @param {string} language @param {Reading} found @param {Answer} answer @returns {string} */
function sentence(language, found, { labels, note }) {
  const [first, second] = found.large
  if (!first) return note ?? ''
  const other = alsoHolds(first, labels)
  const a = other ? list(language, [withArticle(language, first), other]) : withArticle(language, first)
  if (found.tone === 'tie') return say(language, 'tie', { list: list(language, found.large) })
  if (found.tone !== 'doubt') return say(language, found.tone, { a: found.tone === 'none' ? first : a })
  const next = second ?? found.chips.find(({ label }) => label !== first)?.label
  return next ? say(language, 'doubt', { a: first, b: next }) : say(language, 'likely', { a })
}

/** @param {string} language @param {string} said @param {Reading} found */
function spokenOf(language, said, { chips }) {
  const [best, next] = chips
  const first = best ? ` ${best.label}, ${percent(best.p, language)}.` : ''
  return `${said}${first}${next ? ` ${say(language, 'next', { c: next.label, p: percent(next.p, language) })}` : ''}`
}

/** @param {State} state @param {Answer} answer @returns {string[]} what the other models say */
function others({ language, focus, accepted }, answer) {
  return (answer.others ?? []).map(({ name, labels, characters, note }) => {
    const character = characters[focus]
    if (!character) return `${name}: ${note ?? '–'}`
    const [best] = ranked(labels, character.probabilities)
    const [mine] = ranked(answer.labels, answer.characters[focus].probabilities)
    const same = best.label === (accepted[focus] ?? mine.label)
    const a = `${best.label} (${percent(best.p, language)})`
    return say(language, same ? 'agree' : 'disagree', { name, a })
  })
}
