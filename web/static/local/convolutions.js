// The small networks that see a picture, in the browser: the twin of `opened` in `emnist/text/convolutions.py`.

/** @import {Floats} from './arrays.js' */
/** @import {Runtime, Session, Tensor} from './network.js' */

export class Convolutions {
  /** @param {Runtime} runtime @param {Session} session */
  constructor(runtime, session) {
    this.runtime = runtime
    this.session = session
  }

  /** @param {Runtime} runtime @param {Uint8Array} file that `python -m train deploy --static` writes */
  static async load(runtime, file) {
    return new Convolutions(runtime, await runtime.InferenceSession.create(file, { executionProviders: ['wasm'] }))
  }

  /** @param {Floats} picture @returns {Promise<Tensor>} its only output, (1, C, h, w) */
  async answer({ width, height, data }) {
    const picture = new this.runtime.Tensor('float32', Float32Array.from(data), [1, 1, height, width])
    const [name] = this.session.outputNames
    return (await this.session.run({ picture }, [name]))[name]
  }
}
