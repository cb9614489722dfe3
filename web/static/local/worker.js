// Reads beside the page, so that the pen never waits: loads the network, then answers one question after the other.

import { Refused } from './arrays.js'
import { Convolutions } from './convolutions.js'
import { Network } from './network.js'
import { LEAST_SIDE, SIDE } from './pictures.js'
import { Reader } from './reader.js'
import { knows } from './sequence.js'
import { LONGEST } from './sheet.js'

/** @import {Question} from '../types.js' */
/** @import {Rgba} from './paper.js' */

const RUNTIME = new URL('ort/', import.meta.url).href
const WASM = 'ort-wasm-simd-threaded.wasm'
const MODEL = new URL('../model.onnx', import.meta.url).href
const SEQUENCE = new URL('../sequence.onnx', import.meta.url).href
const LAYERS = new URL('../layers.onnx', import.meta.url).href
const [AGAIN, LAST] = [5_000, 300_000] // ms until a lost file is asked for again; then twice as long, and so on, up to this
// The smallest module with an instruction of WebAssembly's SIMD.
const SIMD = [
  0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0, 10, 10, 1, 8, 0, 65, 0, 253, 15, 253, 98, 11,
]
const OLD =
  'This browser cannot run the network: it lacks WebAssembly with SIMD. Use a newer one, such as Firefox, Chrome or Edge of 2021 or Safari 16.4.'
const LOST =
  'A file of this page could not be loaded ({file}). Reload it; if that does not help, deploy the page again.'

/** @type {Map<number, Question>} */
const waiting = new Map()
/** @type {Reader | null} */
let reader = null
let busy = false

self.onmessage = ({ data: { key, question } }) => {
  if (question) waiting.set(key, question)
  else waiting.delete(key) // the question is withdrawn
  work()
}

async function work() {
  if (busy || !reader) return
  busy = true
  for (let [next] = waiting; next && reader; [next] = waiting) {
    const [key, question] = next
    const pause = async () => {
      await new Promise((resolve) => setTimeout(resolve)) // lets other messages in
      if (!waiting.has(key)) throw new Error('not wanted any more')
    }
    try {
      await pause() // or else all questions of a quick hand would be answered, as nothing below lets messages in
      post({ key, answer: await answer(reader, question, pause) })
    } catch (error) {
      post({ key, error: String(error) })
    }
    waiting.delete(key)
  }
  busy = false
}

/** @param {Reader} reader @param {Question} question @param {() => Promise<void>} pause */
async function answer(reader, { picture, ...asked }, pause) {
  try {
    return await reader.read({ ...asked, ...(picture && (await open(picture))) }, pause)
  } catch (error) {
    if (error instanceof Refused) return reader.note(asked.turn, error.message)
    throw error
  }
}

/** @param {Blob} blob @returns {Promise<{picture: Rgba, large: Rgba}>} its pixels, as for one character and for several */
async function open(blob) {
  let bitmap
  try {
    bitmap = await createImageBitmap(blob)
  } catch {
    throw new Refused('This is no picture that the browser can open; send a PNG or JPEG picture.')
  }
  const opened = { picture: pixels(bitmap, SIDE), large: pixels(bitmap, LONGEST) }
  bitmap.close()
  return opened
}

/** @param {ImageBitmap} bitmap @param {number} most @returns {Rgba} the longer side from LEAST_SIDE to `most` */
function pixels(bitmap, most) {
  const longest = Math.max(bitmap.width, bitmap.height)
  const scale = Math.min(1, most / longest) * Math.max(1, LEAST_SIDE / longest)
  const [width, height] = [bitmap.width, bitmap.height].map((side) => Math.max(1, Math.round(side * scale)))
  const canvas = new OffscreenCanvas(width, height)
  const context = /** @type {OffscreenCanvasRenderingContext2D} */ (canvas.getContext('2d'))
  context.imageSmoothingQuality = 'high'
  context.drawImage(bitmap, 0, 0, width, height)
  return context.getImageData(0, 0, width, height)
}

/** @param {unknown} message */
const post = (message) => self.postMessage(message)

async function start() {
  try {
    if (!WebAssembly.validate(Uint8Array.from(SIMD))) throw new Refused(OLD)
    const received = new Map()
    /** @type {(file: string) => (done: number, total: number) => void} */
    const report = (file) => (done, total) => {
      received.set(file, [done, total])
      const [loaded, all] = [...received.values()].reduce(([a, b], [c, d]) => [a + c, b + d])
      if (received.size === 2) post({ progress: loaded / all })
    }
    const [wasm, model, runtime] = await Promise.all([
      load(RUNTIME + WASM, report(WASM)),
      load(MODEL, report(MODEL)),
      import(`${RUNTIME}ort.wasm.min.mjs`),
    ])
    Object.assign(runtime.env.wasm, { numThreads: 1, wasmPaths: RUNTIME, wasmBinary: wasm.buffer })
    const network = await Network.load(runtime, model)
    await network.logits([new Uint8Array(network.facts.image_size ** 2)]) // the first run prepares what others use
    reader = new Reader(network)
    post({ ready: network.facts.labels })
    work()
    readSeveral(reader, runtime)
  } catch (error) {
    post({ failed: error instanceof Refused ? error.message : LOST.replace('{file}', String(error)) })
  }
}

/**
 * Loads what reads several characters, and tries again where that fails; until then the page reads one, and says so.
 * @param {Reader} reader
 * @param {any} runtime
 */
async function readSeveral(reader, runtime) {
  if (!knows(reader.network.facts.labels)) return
  for (let wait = AGAIN; wait < LAST; wait *= 2) {
    try {
      const [sequence, layers] = await Promise.all([SEQUENCE, LAYERS].map((file) => load(file, () => {})))
      reader.layers = await Convolutions.load(runtime, layers)
      reader.sequence = await Convolutions.load(runtime, sequence)
      return post({ several: true })
    } catch {
      await new Promise((resolve) => setTimeout(resolve, wait))
    }
  }
}

/**
 * @param {string} address
 * @param {(done: number, total: number) => void} report in bytes
 * @returns {Promise<Uint8Array<ArrayBuffer>>}
 */
async function load(address, report) {
  const name = address.slice(address.lastIndexOf('/') + 1)
  const lost = () => {
    throw new Refused(LOST.replace('{file}', name))
  }
  const response = await fetch(address).catch(lost)
  if (!response.ok || !response.body) return lost()
  const total = Number(response.headers.get('Content-Length'))
  const parts = []
  let done = 0
  for (const stream = response.body.getReader(); ; ) {
    const { value } = await stream.read().catch(lost)
    if (!value) break
    parts.push(value)
    done += value.length
    report(done, Math.max(total, done)) // a compressed file turns out longer than announced
  }
  return new Uint8Array(await new Blob(parts).arrayBuffer())
}

start()
