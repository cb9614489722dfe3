// What is on the sheet: history, eraser, simple lines, links.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { bounds, distance, erased, simplify } from '../static/geometry.js'
import { even, width } from '../static/ink.js'
import { partOf } from '../static/play.js'
import { decode, encode } from '../static/share.js'
import { amend, begin, EMPTY, enter, erase, isBlank, redo, undo } from '../static/sheet.js'

const line = Array.from({ length: 101 }, (_, i) => [i / 100, 0])
const sheet = (...strokes) => ({ ink: strokes.map((points) => even(points, 0.03)), photo: null })

test('undo and redo walk back and forth, and a new stroke ends what was undone', () => {
  const [a, b, c] = [sheet(line), sheet(line, line), sheet(line, line, line)]
  let past = enter(enter(begin(), a), b)
  past = undo(past)
  assert.equal(past.now, a)
  assert.equal(redo(past).now, b)
  past = enter(past, c)
  assert.equal(redo(past), past)
  assert.equal(undo(undo(past)).now, EMPTY)
  assert.equal(undo(begin()).now, EMPTY)
})

test('a stroke that grows is one step', () => {
  const past = amend(enter(begin(), sheet(line)), sheet(line, line))
  assert.ok(isBlank(undo(past).now))
})

test('an eraser cuts a stroke in two and leaves others as they are', () => {
  const other = line.map(([x]) => [x, 1])
  const left = erase(sheet(line, other), [0.5, -0.2], [0.5, 0.2], 0.1)
  assert.equal(left.ink.length, 3)
  assert.ok(left.ink.every(({ points, widths }) => points.length === widths.length))
  assert.ok(left.ink[0].points.every(([x]) => x < 0.41) && left.ink[1].points.every(([x]) => x > 0.59))
  assert.equal(left.ink[2].points.length, 101)
})

test('an eraser that touches nothing changes nothing', () => {
  const before = sheet(line)
  assert.equal(erase(before, [0, 5], [1, 5], 0.1), before)
  assert.deepEqual(erased([[0, 0]], [0, 0], [0, 0], 0.1), [])
})

test('simple lines keep their ends and stay near', () => {
  assert.equal(simplify(line, 0.001).length, 2)
  const circle = Array.from({ length: 200 }, (_, i) => [Math.cos(i / 32), Math.sin(i / 32)])
  const simple = simplify(circle, 0.01)
  assert.ok(simple.length < 40)
  for (const point of circle) {
    const near = Math.min(...simple.slice(1).map((end, i) => distance(point, simple[i], end)))
    assert.ok(near <= 0.0101)
  }
  assert.deepEqual(simplify([[1, 2]], 1), [[1, 2]])
})

test('bounds of nothing are nothing', () => {
  assert.deepEqual(bounds([]), [0, 0, 0, 0])
  assert.deepEqual(bounds([[[1, 2]], [[-1, 5]]]), [-1, 2, 1, 5])
})

test('a link carries the strokes, and nothing that is none', () => {
  const strokes = [
    [
      [0.1, -0.25],
      [0.4, 0.3],
      [-0.2, 0.31],
    ],
    [[0, 0]],
  ]
  const back = decode(encode(strokes))
  back.flat().forEach(([x, y], i) => {
    assert.ok(Math.abs(x - strokes.flat()[i][0]) < 0.0011 && Math.abs(y - strokes.flat()[i][1]) < 0.0011)
  })
  for (const wrong of ['', '1', '1.2.3', '<svg>', '1.2_', 'a'.repeat(9), '1.2.zzzzz', '1..2', '%3C']) {
    assert.equal(decode(wrong), null, wrong)
  }
})

test('a link of a letter is short', () => {
  const letter = [Array.from({ length: 150 }, (_, i) => [Math.cos(i / 25) / 4, Math.sin(i / 25) / 3])]
  assert.ok(encode(letter).length < 400)
})

test('the pen answers to pressure and to speed, and never jumps', () => {
  assert.ok(width(1, 0, 0.9, 0) > width(1, 0, 0.2, 0))
  assert.ok(width(1, 0, 0, 0) > width(1, 0, 0, 0.01))
  assert.ok(Math.abs(width(1, 1, 0.01, 0) - 1) < 0.3)
})

test('a drawing draws itself point by point', () => {
  assert.deepEqual(
    partOf(
      [
        [
          [0, 0],
          [1, 1],
        ],
        [[2, 2]],
      ],
      1,
    ),
    [[[0, 0]]],
  )
  assert.deepEqual(
    partOf(
      [
        [
          [0, 0],
          [1, 1],
        ],
        [[2, 2]],
      ],
      3,
    ),
    [
      [
        [0, 0],
        [1, 1],
      ],
      [[2, 2]],
    ],
  )
})
