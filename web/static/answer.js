// The answer: what was read, large; one sentence; the alternatives.

import { canvasOf, find, flat, make, write } from './dom.js'
import { alsoHolds, parts, percent, ranked, reading } from './reading.js'
import { isBlank } from './sheet.js'
import { context, focused } from './state.js'
import { list, say, translated, withArticle } from './words.js'

/** @import {PageStore, State} from './state.js' */
/** @import {Reading} from './reading.js' */
/** @import {Answer, Character} from './types.js' */

const AROUND = 0.1 // em: padding and gap around each of several characters, as in page.css
const SPOKEN_AFTER = 700 // ms without change before the answer is read out

/**
 * @param {HTMLElement} page
 * @param {PageStore} store
 */
export function startAnswer(page, store) {
  const section = find(page, '.answer')
  const [large, saying, chips, beside, count, spoken] = ['large', 'saying', 'chips', 'beside', 'count', 'spoken'].map(
    (name) => find(section, `.${name}`),
  )
  let speaker = 0
  let shown = '' // the large characters on the page, made anew only when they change
  let enlarged = '' // their text
  let offered = ''

  /** @param {number} at @param {string} label */
  const accept = (at, label) => store.set({ accepted: { ...store.get().accepted, [at]: label } })

  /** @param {string} text */
  function speak(text) {
    clearTimeout(speaker)
    speaker = setTimeout(() => {
      spoken.textContent = text
    }, SPOKEN_AFTER)
  }

  /** @param {State} state @param {Answer} answer @returns {Glyph[]} a tap on one shows its confidences */
  function several(state, answer) {
    const { characters, labels } = answer
    let at = -1
    return parts(answer).map((c) => {
      if (/\s/.test(c)) return { label: c, name: '', press: null }
      at += 1
      const index = at
      const { tone, large } = reading(whole(state, characters[index]), labels, knownOf(state, index))
      const label = tone === 'accepted' ? large[0] : c
      const pressed = index === state.focus
      return { label, name: `one ${tone}`, pressed, press: () => store.set({ focus: index }) }
    })
  }

  /** @param {Reading} found @param {string[]} labels @returns {Glyph[]} of equals, a tap accepts one */
  function single({ tone, large }, labels) {
    if (tone === 'none') return [{ label: '?', name: tone, press: null }]
    return large.map((label) =>
      tone === 'tie'
        ? { label, name: tone, press: () => accept(store.get().focus, label) }
        : { label, name: tone, other: alsoHolds(label, labels), press: null },
    )
  }

  /** @param {Glyph[]} glyphs @param {boolean} drawn whether the newest of them are the last */
  function enlarge(glyphs, drawn) {
    const key = JSON.stringify(glyphs)
    if (key === shown) return
    shown = key
    const focus = document.activeElement ? [...large.children].indexOf(document.activeElement) : -1
    large.replaceChildren(...glyphs.map(element))
    if (focus >= 0) /** @type {HTMLElement | undefined} */ (large.children[focus])?.focus()
    const pen = flat(canvasOf(1, 1))
    pen.font = `560 100px ${getComputedStyle(large).fontFamily}`
    const lines = [0] // em: width of each line
    for (const { label } of glyphs) {
      if (label === '\n') lines.push(0)
      else lines[lines.length - 1] += pen.measureText(label).width / 100 + AROUND
    }
    large.style.setProperty('--count', String(glyphs.length))
    large.style.setProperty('--wide', Math.max(1, ...lines).toFixed(2))
    large.style.setProperty('--lines', String(lines.length))
    const text = glyphs.map(({ label }) => label).join('')
    if (text !== enlarged && lines.length > 1) large.scrollTop = drawn ? large.scrollHeight : 0
    enlarged = text
  }

  /** @param {State} state @param {Reading} found */
  function offer(state, found) {
    const key = found.chips.map(({ label }) => label).join(' ')
    if (key !== offered) chips.replaceChildren(...found.chips.map(({ label }) => chip(label)))
    offered = key
    found.chips.forEach(({ label, p }, i) => {
      const button = chips.children[i].firstElementChild
      if (!button?.lastElementChild) return
      write(button.lastElementChild, percent(p, state.language))
      button.setAttribute('aria-pressed', String(state.accepted[state.focus] === label))
    })
  }

  /** @param {string} label */
  function chip(label) {
    const item = make('li')
    const button = make('button', 'chip')
    button.type = 'button'
    button.append(make('b', '', label), make('span'))
    button.addEventListener('click', () => accept(store.get().focus, label))
    item.append(button)
    return item
  }

  /** @returns {HTMLElement | null} the alternative that was accepted, or the first */
  const taken = () => chips.querySelector('[aria-pressed=true]') ?? chips.querySelector('button')

  /** @param {State} state */
  function show(state) {
    const { answer, past, language } = state
    const blank = isBlank(past.now)
    section.dataset.status = blank || !answer ? 'blank' : answer.status
    section.classList.toggle('late', state.late)
    section.classList.toggle('asking', state.correcting)
    const character = focused(state)
    if (blank || !answer || !character) return nothing(state, blank)
    const many = answer.characters.length > 1
    const found = reading(whole(state, character), answer.labels, knownOf(state, state.focus))
    section.dataset.tone = found.tone
    section.classList.toggle('many', many)
    const held = large.contains(document.activeElement)
    enlarge(many ? several(state, answer) : single(found, answer.labels), !past.now.photo)
    offer(state, found)
    if (held && !large.contains(document.activeElement)) taken()?.focus()
    const said = sentence(language, found, answer)
    const p = percent(answer.confidence, language)
    const heard = many ? say(language, 'several', { n: answer.characters.length, p }) : said
    write(saying, state.correcting ? say(language, 'what') : heard)
    const remark = state.late ? late(state) : remarkOf(state, answer, found)
    const remarks = [remark, ...others(state, answer)]
    write(beside, state.correcting ? translated(language, state.promise) : remarks.filter(Boolean).join(' '))
    count.hidden = state.correcting || (!many && !state.one)
    write(count, say(language, state.one ? 'manyAgain' : 'one'))
    if (!state.correcting) speak(many ? `${answer.text}. ${heard}` : spokenOf(language, said, found))
  }

  /** @param {State} state @param {boolean} blank */
  function nothing(state, blank) {
    const text = blank ? '' : translated(state.language, state.answer?.note ?? '')
    enlarge([], true)
    chips.replaceChildren()
    offered = ''
    section.classList.remove('many')
    section.dataset.tone = ''
    write(saying, text || waiting(state, blank))
    write(beside, state.late ? late(state) : '')
    count.hidden = true
    if (text) speak(text)
    else if (blank && state.version) speak(say(state.language, 'cleared'))
  }

  count.addEventListener('click', () => store.set({ one: !store.get().one, focus: 0, accepted: {} }))
  store.watch(
    [
      'answer',
      'accepted',
      'focus',
      'late',
      'only',
      'language',
      'ready',
      'failed',
      'progress',
      'several',
      'written',
      'moving',
      'one',
      'correcting',
    ],
    show,
  )
  show(store.get())
}

/**
 * @typedef {object} Glyph what stands large, or a space or line end between two
 * @property {string} label
 * @property {string} name its classes; "" for a space
 * @property {string} [other] the other case that it may be
 * @property {boolean} [pressed]
 * @property {(() => void) | null} press
 */

/** @param {Glyph} glyph @returns {HTMLElement} */
function element({ label, name, other, pressed, press }) {
  if (!name) return label === '\n' ? make('span', 'end') : make('span', 'space', ' ')
  const glyph = make(press ? 'button' : 'span', `glyph ${name}`, label)
  if (other) glyph.append(make('small', '', other))
  if (press) glyph.addEventListener('click', press)
  if (glyph instanceof HTMLButtonElement) glyph.type = 'button'
  if (pressed !== undefined) glyph.setAttribute('aria-pressed', String(pressed))
  return glyph
}

/** @param {State} state @param {Answer} answer @param {Reading} found @returns {string} */
const remarkOf = ({ several, language }, { remark }, { tone }) =>
  tone === 'none' && !several ? say(language, 'onlyOne') : translated(language, remark ?? '')

/** @param {State} state @returns {string} that an answer takes too long */
const late = ({ fate, language }) => say(language, fate === 'keptHere' ? 'lateLocal' : 'late')

/** @param {State} state @param {boolean} blank @returns {string} what is waited for: the answerer, a drawing, an answer */
function waiting({ ready, several, failed, progress, language }, blank) {
  if (failed) return ''
  if (ready && !blank) return say(language, 'reading')
  if (ready) return say(language, several ? 'invite' : 'inviteOne')
  return `${say(language, 'loading')}${progress ? ` ${Math.floor(100 * progress)}\u00a0%` : ''}`
}

/** @param {State} state @param {Character} character @returns {Character} half a character is none yet, and no cause for doubt */
const whole = ({ moving }, character) => (moving ? { ...character, isCharacter: true } : character)

/** @param {State} state @param {number} at */
const knownOf = (state, at) => ({ only: state.only, before: context(state, at), accepted: state.accepted[at] })

/** @param {string} language @param {Reading} found @param {Answer} answer @returns {string} */
function sentence(language, found, { labels, note }) {
  const [first, second] = found.large
  if (!first) return translated(language, note ?? '')
  const other = alsoHolds(first, labels)
  const a = other ? list(language, [withArticle(language, first), other]) : withArticle(language, first)
  if (found.equals)
    return say(language, 'fits', { list: list(language, found.equals), a: withArticle(language, first) })
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
    if (!character) return `${name}: ${translated(language, note ?? '–')}`
    const [best] = ranked(labels, character.probabilities)
    const [mine] = ranked(answer.labels, answer.characters[focus].probabilities)
    const same = best.label === (accepted[focus] ?? mine.label)
    const a = `${best.label} (${percent(best.p, language)})`
    return say(language, same ? 'agree' : 'disagree', { name, a })
  })
}
