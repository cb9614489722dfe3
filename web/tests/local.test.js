// Reading in the browser, with networks that answer at once.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { penned, transcribe } from '../static/local/several.js'

test('a question can be withdrawn in the midst of a long line', async () => {
  const labels = ['0', 'A']
  const runs = []
  const network = {
    facts: { labels, accept: 0.5, pooled: [], drawn: [] },
    logits: async (images) => {
      runs.push(images.length)
      return { logits: images.map(() => Float64Array.of(0, 1)), characters: images.map(() => 1) }
    },
  }
  const sequence = {
    answer: async ({ width }) => {
      const data = new Float32Array(48 * (width / 2)).fill(-9, width / 2) // all along, nothing but blanks
      return { data, dims: [1, 48, 1, width / 2] }
    },
  }
  const strokes = Array.from({ length: 40 }, (_, i) => [
    [2 * i, 0],
    [2 * i, 1],
  ])
  let pauses = 0
  const pause = async () => {
    if (++pauses === 3) throw new Error('not wanted any more')
  }
  await assert.rejects(transcribe(penned(strokes), [0, 1], network, sequence, pause), /not wanted/)
  assert.ok(runs.reduce((sum, each) => sum + each, 0) < strokes.length)
  assert.equal(runs.length, 2)
})
