// The answerer without a server: the network runs in the browser, beside the page, and nothing leaves the device.

/** @import {Answer, Answerer, Question} from './types.js' */

/** @typedef {{resolve: (answer: Answer) => void, reject: (reason: unknown) => void}} Asked */

/** @returns {Answerer} */
export function createLocal() {
  const worker = new Worker(new URL('local/worker.js', import.meta.url), { type: 'module' })
  /** @type {Map<number, Asked>} */
  const asked = new Map()
  let keys = 0
  const { quality, source } = document.getElementById('page')?.dataset ?? {}

  /** @type {Answerer} */
  const answerer = {
    labels: [],
    names: [''],
    quality: (quality ?? '').split(' ').filter(Boolean).map(Number), // deploying writes it into index.html
    source,
    fate: 'keptHere',
    state: 'loading',
    progress: 0,
    several: false,
    onstate: null,
    ask: (question, signal) =>
      new Promise((resolve, reject) => {
        const key = ++keys
        if (signal.aborted) return reject(signal.reason)
        asked.set(key, { resolve, reject })
        signal.addEventListener('abort', () => {
          asked.delete(key)
          worker.postMessage({ key })
          reject(signal.reason)
        })
        worker.postMessage({ key, question })
      }),
  }

  /** @param {Partial<Answerer>} change */
  function become(change) {
    Object.assign(answerer, change)
    answerer.onstate?.(answerer)
  }

  worker.onmessage = ({ data: { key, answer, error, progress, ready, several, failed } }) => {
    if (progress !== undefined) become({ progress })
    if (ready) {
      become({ labels: ready, state: 'ready', progress: 1 })
      navigator.serviceWorker?.register('sw.js') // from now on the page works offline, too
    }
    if (several) become({ several })
    if (failed) become({ state: 'failed', reason: failed })
    if (answer) asked.get(key)?.resolve(answer)
    if (error) asked.get(key)?.reject(new Error(error))
    asked.delete(key)
  }
  worker.onerror = () =>
    become({
      state: 'failed',
      reason: 'This browser cannot run the network; use a newer one, such as Chrome, Firefox or Safari of 2023.',
    })
  return answerer
}
