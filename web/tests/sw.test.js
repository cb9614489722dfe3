// What the page without a server keeps for use offline.

import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { runInNewContext } from 'node:vm'

const SOURCE = readFileSync(new URL('../static/sw.js', import.meta.url), 'utf8')
const SCOPE = 'https://example.org/letters/'

/** The service worker of a version beside `kept`, the names of caches that are there; `wait` ends what an event begins. */
function started(kept, version = 'new') {
  const handlers = {}
  const taken = []
  const self = {
    registration: { scope: SCOPE },
    clients: { claim: async () => {} },
    addEventListener: (name, handler) => Object.assign(handlers, { [name]: handler }),
  }
  const caches = {
    open: async (name) => {
      kept.add(name)
      return { addAll: async (requests) => taken.push(...requests) }
    },
    keys: async () => [...kept],
    delete: async (name) => kept.delete(name),
    match: async (_, { cacheName }) => kept.has(cacheName) && cacheName,
  }
  class Request {
    constructor(file, options) {
      Object.assign(this, { file, ...options })
    }
  }
  runInNewContext(SOURCE.replace("'development'", `'${version}'`), { self, caches, Request })
  const wait = (name, event = {}) =>
    new Promise((resolve) => handlers[name]({ ...event, waitUntil: resolve, respondWith: resolve }))
  return { wait, taken }
}

test('a new version takes its files as they are now, not as the browser had them', async () => {
  const { wait, taken } = started(new Set())
  await wait('install')
  assert.ok(taken.length && taken.every(({ cache }) => cache === 'no-cache'))
})

test('a version that is over is forgotten, and what other pages of the host keep is not', async () => {
  const kept = new Set(['https://example.org/', 'https://example.org/letters/more/ old'])
  const before = new Set(kept)
  await started(kept, 'old').wait('install')
  const { wait } = started(kept)
  await wait('install')
  assert.equal(kept.size, 4)
  await wait('activate')
  assert.deepEqual(kept, before.add(`${SCOPE} new`))
})

test('a version answers with its own files alone', async () => {
  const kept = new Set([`${SCOPE} old`])
  const { wait } = started(kept)
  await wait('install')
  assert.equal(await wait('fetch', { request: { method: 'GET' } }), `${SCOPE} new`)
})
