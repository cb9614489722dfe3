// The network in the browser, by onnxruntime-web.

import { metadata } from './onnx.js'
import { means, seen } from './views.js'

/** @import {Facts} from './odds.js' */

/**
 * The little of onnxruntime-web that is used here.
 * @typedef {{data: Float32Array, dims: readonly number[]}} Tensor
 * @typedef {{run(feeds: Record<string, Tensor>, fetches: string[]): Promise<Record<string, Tensor>>, outputNames: readonly string[]}} Session
 * @typedef {object} Runtime
 * @property {{wasm: {numThreads?: number, wasmPaths?: string}}} env
 * @property {{create(model: Uint8Array, options: object): Promise<Session>}} InferenceSession
 * @property {new (kind: 'float32', data: Float32Array, dims: number[]) => Tensor} Tensor
 */

const NEEDED = ['labels', 'image_size', 'turns', 'temperature', 'accept', 'drawn', 'pooled']

export class Network {
  /** @param {Runtime} runtime @param {Session} session @param {Facts} facts */
  constructor(runtime, session, facts) {
    this.runtime = runtime
    this.session = session
    this.facts = facts
  }

  /**
   * @param {Runtime} runtime
   * @param {Uint8Array} file that `python -m train deploy --static` writes: one view an image
   */
  static async load(runtime, file) {
    const facts = metadata(file)
    const missing = NEEDED.filter((key) => !(key in facts))
    if (missing.length) throw new Error(`the model does not tell its ${missing.join(', ')}`)
    const session = await runtime.InferenceSession.create(file, { executionProviders: ['wasm'] })
    return new Network(runtime, session, /** @type {Facts} */ (facts))
  }

  /**
   * @param {Uint8Array[]} images N of 28×28, ink 255 on 0
   * @param {number[]} [turns] degrees of the views
   * @returns {Promise<{logits: Float64Array[], characters: number[]}>} N of each: of the classes, divided by the
   *   temperature, and of "this is one character"
   */
  async logits(images, turns = this.facts.turns) {
    const { image_size: side, temperature, labels } = this.facts
    const { classes, characters } = await this.#run(seen(images, side, turns), ['classes', 'characters'])
    const logits = means(classes.data, turns.length, labels.length)
    return {
      logits: logits.map((each) => each.map((value) => value / temperature)),
      characters: means(characters.data, turns.length, 1).map(([value]) => value),
    }
  }

  /** @param {Uint8Array} image @returns {Promise<Tensor[]>} its feature maps, from the first layer to the last */
  async maps(image) {
    const names = ['maps_0', 'maps_1', 'maps_2', 'maps_3']
    const found = await this.#run(seen([image], this.facts.image_size, [0]), names)
    return names.map((name) => found[name])
  }

  /** @param {Float32Array} pixels @param {string[]} outputs */
  #run(pixels, outputs) {
    const side = this.facts.image_size
    const images = new this.runtime.Tensor('float32', pixels, [pixels.length / side / side, 1, side, side])
    return this.session.run({ seen: images }, outputs)
  }
}
