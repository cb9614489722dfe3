// Which ink is written by hand, and which is type or a printed line: the twin of `emnist/text/layers.py`, without boxes.

import { floats } from './arrays.js'

/** @import {Floats} from './arrays.js' */
/** @import {Runtime, Session} from './network.js' */

const DARKEST = 1.5 // greatest contrast that is seen, in contrasts of ink; what is darker looks as dark as that
const [LINES, TYPE, WRITING] = [0, 1, 2] // channels of the answer
const UNIT = 32 // px: sides of what the network sees are multiples of this

/** Log-odds of each pixel that ink there is type, and that it is a printed line, not writing. @typedef {{type: Floats, lines: Floats}} Odds */

export class Layers {
  /** @param {Runtime} runtime @param {Session} session */
  constructor(runtime, session) {
    this.runtime = runtime
    this.session = session
  }

  /** @param {Runtime} runtime @param {Uint8Array} file that `python -m train deploy --static` writes */
  static async load(runtime, file) {
    return new Layers(runtime, await runtime.InferenceSession.create(file, { executionProviders: ['wasm'] }))
  }

  /** @param {Floats} contrast 0 for paper and 1 for most ink @returns {Promise<Odds>} */
  async see({ width, height, data }) {
    const [wide, high] = [width, height].map((side) => UNIT * Math.ceil(side / UNIT))
    const padded = new Float32Array(wide * high)
    for (let y = 0, at = 0; y < high; y++) {
      const row = Math.min(y, height - 1) * width // the edge goes on
      for (let x = 0; x < wide; x++, at++) padded[at] = Math.min(data[row + Math.min(x, width - 1)], DARKEST)
    }
    const picture = new this.runtime.Tensor('float32', padded, [1, 1, high, wide])
    const [name] = this.session.outputNames
    const { data: logits } = (await this.session.run({ picture }, [name]))[name]
    const odds = (/** @type {number} */ channel) => {
      const found = floats(width, height)
      for (let y = 0, i = 0; y < height; y++) {
        for (let x = 0, at = y * wide; x < width; x++, i++, at++) {
          found.data[i] = logits[channel * wide * high + at] - logits[WRITING * wide * high + at]
        }
      }
      return found
    }
    return { type: odds(TYPE), lines: odds(LINES) }
  }
}
