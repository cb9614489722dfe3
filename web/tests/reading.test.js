// What the page says of an answer: large, small and colour must agree.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { allows, alsoHolds, classOf, fitting, parts, percent, reading, textOf } from '../static/reading.js'

const LABELS = [...'0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabdefghnqrt']

/** A character whose shares are given, the rest spread evenly. */
function read(shares, { isCharacter = true, lookalikes = '' } = {}) {
  const rest = (1 - Object.values(shares).reduce((a, b) => a + b, 0)) / (LABELS.length - Object.keys(shares).length)
  const probabilities = LABELS.map((label) => shares[label] ?? rest)
  const label = LABELS[probabilities.indexOf(Math.max(...probabilities))]
  return { label, confidence: Math.max(...probabilities), probabilities, isCharacter, lookalikes }
}

test('a tenth of a percent, but never all or nothing for what is not quite so', () => {
  assert.equal(percent(0.9749), '97.5\u00a0%')
  assert.equal(percent(0.99999), '>\u00a099.9\u00a0%')
  assert.equal(percent(0.00001), '<\u00a00.1\u00a0%')
  assert.equal(percent(1), '100.0\u00a0%')
  assert.equal(percent(0), '0.0\u00a0%')
  assert.equal(percent(0.5, 'de'), '50,0\u00a0%')
})

test('sure from 97 %, likely from 70 %, else doubt that names two', () => {
  assert.equal(reading(read({ g: 0.98 }), LABELS).tone, 'sure')
  assert.equal(reading(read({ g: 0.8 }), LABELS).tone, 'likely')
  const doubt = reading(read({ g: 0.5, A: 0.4 }), LABELS)
  assert.equal(doubt.tone, 'doubt')
  assert.deepEqual(
    doubt.chips.slice(0, 2).map(({ label }) => label),
    ['g', 'A'],
  )
})

test('alternatives below one percent are not offered', () => {
  assert.deepEqual(
    reading(read({ g: 0.985, 9: 0.012 }), LABELS).chips.map(({ label }) => label),
    ['g', '9'],
  )
})

test('what is no character is none, however sure the classes are', () => {
  assert.equal(reading(read({ q: 0.996 }, { isCharacter: false }), LABELS).tone, 'none')
})

test('shapes that cannot be told apart are equals, and only those', () => {
  const circle = read({ 0: 0.34, O: 0.65 }, { lookalikes: '0O' })
  assert.deepEqual(reading(circle, LABELS), {
    tone: 'tie',
    large: ['O', '0'],
    chips: [
      { label: 'O', p: 0.65 },
      { label: '0', p: 0.34 },
    ],
  })
  assert.equal(reading(read({ S: 0.992, 5: 0.004 }, { lookalikes: '5S' }), LABELS).tone, 'sure')
})

test('after digits a circle is a digit, after letters a letter, and else both', () => {
  const circle = read({ 0: 0.34, O: 0.65 }, { lookalikes: '0O' })
  assert.deepEqual(reading(circle, LABELS, { before: '372' }).large, ['0'])
  assert.deepEqual(reading(circle, LABELS, { before: 'HELL' }).large, ['O'])
  assert.deepEqual(reading(circle, LABELS, { before: 'HELL' }).equals, ['O', '0'])
  assert.deepEqual(reading(circle, LABELS, { before: 'A7' }).large, ['O', '0'])
  assert.deepEqual(reading(circle, LABELS, { before: '7' }).large, ['O', '0'])
  assert.equal(fitting(['I', 'L'], 'HEL'), '')
})

test('what the visitor says counts, and what is not allowed is not named', () => {
  const circle = read({ 0: 0.34, O: 0.65 }, { lookalikes: '0O' })
  assert.deepEqual(reading(circle, LABELS, { accepted: 'Q' }).large, ['Q'])
  assert.ok(reading(circle, LABELS, { only: 'digits' }).large.every((label) => /\d/.test(label)))
  assert.ok(allows('é', 'letters') && allows('あ', 'letters') && !allows('+', 'letters') && !allows('+', 'digits'))
})

test('a class says which other case it holds', () => {
  assert.equal(alsoHolds('C', LABELS), 'c')
  assert.equal(alsoHolds('G', LABELS), '')
  assert.equal(alsoHolds('g', LABELS), '')
  assert.equal(alsoHolds('7', LABELS), '')
})

test('the text has what was accepted in place of what was read', () => {
  const answer = { text: 'A B\nC', characters: [...'ABC'].map((label) => ({ label })) }
  assert.equal(textOf(answer, { 1: '8', 2: 'c' }), 'A 8\nc')
})

test('what is no character is no letter of the text, unless the visitor says which', () => {
  const answer = { text: 'H', characters: [{ label: 'H', isCharacter: false }] }
  assert.equal(textOf(answer, {}), '?')
  assert.equal(textOf(answer, { 0: 'H' }), 'H')
  assert.equal(fitting(['O', '0'], '7??'), '')
})

test('characters stay apart in a text where two of them combine, and in whatever case they are written', () => {
  const answer = { text: 'का c\n🇩🇪', characters: [...'काC🇩🇪'].map((label) => ({ label })) }
  assert.deepEqual(parts(answer), ['क', 'ा', ' ', 'c', '\n', '🇩', '🇪'])
  assert.equal(textOf(answer, { 1: 'ि', 2: 'C' }), 'कि C\n🇩🇪')
})

test('a character may be of several code points, in text, restriction and class', () => {
  const characters = [{ label: 'n\u0308' }, { label: 'あ' }]
  assert.equal(textOf({ text: 'n\u0308 あ', characters }, { 1: 'ñ' }), 'n\u0308 ñ')
  assert.ok(allows('n\u0308', '+n\u0308') && !allows('n', '+n\u0308'))
  assert.equal(classOf('c', LABELS), 'C')
  assert.equal(classOf('g', LABELS), 'g')
  assert.equal(classOf('あ', ['あ']), 'あ')
})
