// The store, the asking, the keys and the words.

import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { test } from 'node:test'
import { startAsking } from '../static/asking.js'
import { examples } from '../static/examples.js'
import { neighbour, rows } from '../static/keys.js'
import { createPlayer } from '../static/play.js'
import { narrows } from '../static/reading.js'
import { begin, enter, isBlank } from '../static/sheet.js'
import { carried, changed, context, INITIAL, kept } from '../static/state.js'
import { createStore } from '../static/store.js'
import { LANGUAGES, list, say, spoken, translated, withArticle } from '../static/words.js'

const LABELS = [...'0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabdefghnqrt']
const INK = { ink: [{ points: [[0, 0]], widths: [0.03] }], photo: null }

test('those who watch are told of what they watch, once, with the new state', () => {
  const store = createStore({ a: 1, b: 1 })
  const told = []
  store.watch(['a'], ({ a }) => told.push(a))
  store.set({ a: 1 })
  store.set({ b: 2 })
  store.set({ a: 2, b: 3 })
  assert.deepEqual(told, [2])
})

/** A page with strokes and an answerer whose answers are given by hand. */
function asking(t) {
  const store = createStore(INITIAL)
  const asked = []
  const ask = (question, signal) =>
    new Promise((resolve, reject) => {
      signal.addEventListener('abort', () => reject(signal.reason))
      const characters = [{ label: 'A' }]
      const answer = { turn: question.turn, status: 'read', labels: LABELS, text: 'A', confidence: 1, characters }
      const refuse = () => reject(new Error('Too many requests'))
      asked.push({ question, signal, refuse, answer: (more = {}) => resolve({ ...answer, ...more }) })
    })
  startAsking(store, { ask })
  const draw = () => store.set(changed(store.get(), enter(store.get().past, { ...INK })))
  const clear = () => store.set(changed(store.get(), enter(store.get().past, { ink: [], photo: null })))
  t.after(clear) // or its timers would go on
  return { store, asked, draw, clear }
}
const soon = () => new Promise((resolve) => setTimeout(resolve, 5))

test('an answer to an older state never replaces a newer one', async (t) => {
  const { store, asked, draw } = asking(t)
  draw()
  draw()
  asked[1].answer({ text: 'new' })
  await soon()
  asked[0].answer({ text: 'old' })
  await soon()
  assert.equal(store.get().answer.text, 'new')
  assert.equal(store.get().answered, store.get().version)
})

test('an answer that lacks its pictures, as asking for them failed, is asked for again', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] })
  const { asked, draw } = asking(t)
  draw()
  t.mock.timers.tick(400)
  asked[1].refuse()
  await Promise.resolve()
  asked[0].answer()
  for (let i = 0; i < 5; i++) await Promise.resolve()
  t.mock.timers.tick(4500)
  assert.deepEqual(
    asked.map(({ question }) => question.want.steps),
    [false, true, true],
  )
})

test('a server that was away for long is asked again within half a minute', (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] })
  const { asked, draw } = asking(t)
  draw()
  const wait = (seconds) => {
    for (let i = 0; i < seconds; i++) t.mock.timers.tick(1000)
  }
  wait(600)
  const before = asked.length
  wait(30)
  assert.equal(asked.length, before + 1)
})

test('a server that is slow is not asked again while it reads', (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] })
  const { store, asked, draw } = asking(t)
  store.set({ ready: true })
  draw()
  for (let i = 0; i < 20; i++) t.mock.timers.tick(1000)
  assert.equal(store.get().late, true)
  assert.deepEqual(
    asked.map(({ question }) => question.want.steps),
    [false, true],
  )
})

test('a picture is sent once', (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] })
  const { store, asked } = asking(t)
  store.set(changed(store.get(), enter(store.get().past, { ink: [], photo: { image: null, blob: new Blob() } })))
  t.mock.timers.tick(2000)
  assert.deepEqual(
    asked.map(({ question }) => question.want.steps),
    [true],
  )
})

/** @param {ReturnType<typeof asking>} page @param {HTMLCanvasElement | null} image */
async function bring({ store, asked }, image) {
  const photo = { image, blob: new Blob() }
  store.set({ ...kept(store.get()), ...changed(store.get(), enter(store.get().past, { ink: [], photo })) })
  asked
    .at(-1)
    .answer({ status: 'note', note: 'This is no picture that the browser can open; send a PNG or JPEG picture.' })
  await soon()
  return photo
}

test('what nobody can open gives the drawing back and says why', async (t) => {
  const page = asking(t)
  const { store, asked, draw } = page
  draw()
  const drawn = store.get().past
  asked[0].answer()
  await soon()
  store.set({ language: 'de' })
  await bring(page, null)
  assert.deepEqual(store.get().past, drawn)
  assert.deepEqual(store.get().written, [])
  assert.match(store.get().note, /kann der Browser nicht öffnen/)
  const photo = await bring(page, /** @type {any} */ ({}))
  assert.equal(store.get().past.now.photo, photo) // it is seen, and the answer says what is wrong with it
})

test('what nobody can open leaves an empty sheet empty, and is not asked about again', async (t) => {
  const page = asking(t)
  page.store.set(changed(page.store.get(), begin({ ink: [], photo: { image: null, blob: new Blob() } })))
  page.asked[0].answer({ status: 'note', note: 'No.' })
  await soon()
  assert.ok(isBlank(page.store.get().past.now))
  assert.equal(page.asked.length, 1)
})

test('a picture that was read stays, though none of its characters is allowed', async (t) => {
  const { store, asked } = asking(t)
  const photo = { image: null, blob: new Blob() }
  store.set(changed(store.get(), enter(store.get().past, { ink: [], photo })))
  asked[0].answer()
  await soon()
  store.set({ only: 'digits' })
  asked.at(-1).answer({ status: 'note', note: 'No.' })
  await soon()
  assert.equal(store.get().past.now.photo, photo)
})

test('what the visitor said of a character stays with its strokes while more are drawn', () => {
  const before = /** @type {any} */ ({ characters: [{ strokes: [0, 1] }, { strokes: [2] }] })
  const after = /** @type {any} */ ({ characters: [{ strokes: [3] }, { strokes: [0, 1] }, { strokes: [2, 4] }] })
  assert.deepEqual(carried(before, after, { 0: 'O', 1: 'l' }), { 1: 'O' })
  const pictures = /** @type {any} */ ({ characters: [{ strokes: [] }, {}] })
  assert.deepEqual(carried(pictures, pictures, { 0: 'O', 1: 'l' }), {})
})

test('an example that draws itself ends where something else is put on the sheet', () => {
  const frames = []
  Object.assign(globalThis, { requestAnimationFrame: (step) => frames.push(step), cancelAnimationFrame() {} })
  Object.assign(globalThis, { matchMedia: () => ({ matches: false }) })
  const store = createStore(INITIAL)
  createPlayer(store).play([Array.from({ length: 50 }, (_, i) => [i / 50, 0])])
  const next = () => frames.pop()(performance.now() + 100)
  next()
  assert.equal(store.get().moving, true)
  store.set(changed(store.get(), enter(store.get().past, INK)))
  next()
  assert.equal(store.get().past.now, INK)
  assert.equal(store.get().moving, false)
  assert.equal(frames.length, 0)
})

test('an answer is old once something else is asked of the same drawing', async (t) => {
  const { store, asked, draw } = asking(t)
  draw()
  asked[0].answer()
  await soon()
  store.set({ only: 'digits' })
  assert.notEqual(store.get().answered, store.get().version)
  asked.at(-1).answer()
  await soon()
  assert.equal(store.get().answered, store.get().version)
})

test('the newest state goes out at once, and the oldest question is given up', async (t) => {
  const { asked, draw } = asking(t)
  for (let i = 0; i < 4; i++) draw()
  assert.equal(asked.length, 4)
  assert.deepEqual(
    asked.map(({ signal }) => signal.aborted),
    [true, true, false, false],
  )
})

test('no answer comes back to an empty sheet', async (t) => {
  const { store, asked, draw, clear } = asking(t)
  draw()
  clear()
  asked[0].answer()
  await soon()
  assert.equal(store.get().answer, null)
})

test('pictures are asked for when the pen rests', async (t) => {
  const { asked, draw } = asking(t)
  draw()
  assert.equal(asked[0].question.want.steps, false)
  await new Promise((resolve) => setTimeout(resolve, 500))
  assert.equal(asked.at(-1).question.want.steps, true)
})

test('what is written is kept once and is the context of what follows', () => {
  const answer = { status: 'read', text: '37', characters: [{ label: '3' }, { label: '7' }] }
  const state = { ...INITIAL, past: { now: INK, undone: [], redone: [] }, answer, version: 1, answered: 1 }
  const once = { ...state, ...kept(state) }
  const twice = { ...once, ...kept(once) }
  assert.deepEqual(
    twice.written.map(({ text }) => text),
    ['37'],
  )
  assert.equal(context(twice, 1), '373')
  assert.deepEqual(kept({ ...state, answered: 0 }), { one: false, focus: 0 })
})

test('every class has its key, in rows of half an alphabet at most', () => {
  assert.deepEqual(
    rows(LABELS).map((row) => row.length),
    [10, 13, 13, 11],
  )
  const own = [...LABELS, 'ñ', '+', 'あ']
  assert.deepEqual(rows(own).flat().sort(), [...own].sort())
})

test('arrows go from key to key and letters to their own', () => {
  const places = rows(LABELS)
  const way = [
    ['0', 'ArrowRight', '1'],
    ['1', 'ArrowDown', 'B'],
    ['B', 'End', 't'],
    ['t', 'ArrowUp', 'X'],
    ['X', 'q', 'q'],
  ]
  for (const [from, key, to] of way) assert.equal(neighbour(places, from, key), to)
  assert.equal(neighbour(places, '0', 'ArrowUp'), undefined)
  assert.equal(neighbour(places, '0', 'c'), 'C')
})

test('all languages say the same things, with the same gaps', () => {
  const gaps = (text) =>
    [...text.matchAll(/\{\w+\}/g)]
      .map(([gap]) => gap)
      .filter((gap) => gap !== '{article}')
      .sort()
  for (const [language, words] of Object.entries(LANGUAGES)) {
    for (const [key, text] of Object.entries(words)) {
      assert.ok(key in LANGUAGES.en, `${language} ${key}`)
      assert.deepEqual(gaps(text), gaps(LANGUAGES.en[key]), `${language} ${key}`)
    }
  }
})

test('words are found by language, and sentences read as one would say them', () => {
  assert.equal(spoken(['sv-SE', 'fr-CA', 'en']), 'fr')
  assert.equal(spoken(['sv']), 'en')
  assert.equal(say('en', 'sure', { a: withArticle('en', 'A') }), "I'm sure it's an A.")
  assert.equal(say('en', 'sure', { a: withArticle('en', 'g') }), "I'm sure it's a g.")
  assert.equal(list('en', ['0', 'O', 'Q']), '0, O or Q')
  assert.equal(list('de', ['0', 'O']), '0 oder O')
})

test('what an answerer says in English is said in the language of the page, gaps filled', () => {
  assert.equal(translated('de', 'The picture shows only lines: draw a character.'), LANGUAGES.de.saidLines)
  const many = '9,000×9,000 pixels are too many (at most 24,000,000): shrink or crop the picture.'
  assert.match(translated('de', many), /^9,000×9,000 Pixel sind zu viele \(höchstens 24,000,000\)/)
  assert.equal(translated('en', many), many)
  assert.equal(translated('fr', 'Something new.'), 'Something new.')
})

test('all that the page says without a server is known in every language', () => {
  const local = new URL('../static/local/', import.meta.url)
  const files = [
    new URL('../static/local.js', import.meta.url),
    ...readdirSync(local).map((name) => new URL(name, local)),
  ]
  const texts = files.filter(({ href }) => href.endsWith('.js')).map((file) => readFileSync(file, 'utf8'))
  const said = texts.flatMap((text) =>
    [...text.matchAll(/'((?:A|The|This|Plain) [^'\n]+\.)'/g)].map(([, each]) => each),
  )
  assert.ok(said.length > 8)
  for (const each of said) for (const language of ['de', 'fr']) assert.notEqual(translated(language, each), each)
})

test('French keeps its marks on the line of the word before', () => {
  assert.equal(say('fr', 'title'), 'Qu’avez-vous écrit\u00a0?')
  assert.match(say('fr', 'thanks', { c: 'B' }), /«\u00a0B\u00a0»/)
  for (const language of Object.keys(LANGUAGES))
    for (const key of /** @type {Key[]} */ (Object.keys(LANGUAGES.en)))
      assert.doesNotMatch(say(language, key), / [%×]|× /, `${language} ${key}: no line ends within a number`)
})

test('examples and restrictions are those that the model can do something with', () => {
  const names = (labels) => examples([...labels]).map(([name]) => name)
  assert.deepEqual(names('0123456789'), ['0', '1', '2', '4', '5', '7', '9'])
  assert.deepEqual(names('ABCDEFGHIJKLMNOPQRSTUVWXYZ').sort(), ['B', 'Q', 'g'])
  assert.deepEqual(names('あい'), [])
  assert.equal(names('').length, names(LABELS).length)
  const offered = (labels) => ['digits', 'letters'].filter((only) => narrows([...labels], only))
  assert.deepEqual(offered(LABELS), ['digits', 'letters'])
  assert.deepEqual(offered('0123456789'), [])
  assert.deepEqual(offered('あñ+'), ['letters'])
})
