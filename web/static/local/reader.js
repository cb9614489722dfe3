// Questions to answers: what is on the sheet becomes 28×28, the network says what it may be.

import { label, Refused } from './arrays.js'
import { attention } from './attention.js'
import { extent } from './drawing.js'
import { lines } from './marks.js'
import { asDrawn, best, choose, sigmoid, softmax } from './odds.js'
import { penned, transcribe } from './several.js'
import { Sheet } from './sheet.js'
import { drawn, excerpt, photographed } from './ways.js'

/** @import {Answer, Character, Layer, Question, Step} from '../types.js' */
/** @import {Convolutions} from './convolutions.js' */
/** @import {Bounds} from './arrays.js' */
/** @import {Network} from './network.js' */
/** @import {Rgba} from './paper.js' */
/** @import {Way} from './ways.js' */

const SIMPLER = 'Plain paper in even light is read best here.'
const NONE = 0.5 // greatest share of the marks of a text in a picture that are no characters, from three marks on
const PARTS = 4 // most parts of what one character is drawn with: a grid looks like an E

/** A question whose picture is opened, smaller and larger. @typedef {Omit<Question, 'picture'> & {picture?: Rgba, large?: Rgba}} Asked */
/**
 * What was read, and the way of each character by its index.
 * @typedef {{text: string, confidence: number, characters: Character[], way: (at: number) => Way}} Found
 */

export class Reader {
  /** @param {Network} network */
  constructor(network) {
    this.network = network
    /** @type {Convolutions | null} what sees a line of several characters as a whole; it may come later */
    this.sequence = null
    /** @type {Convolutions | null} what tells writing from print in a picture of several; it may come later */
    this.layers = null
    /** @type {{question: string, picture: Rgba, found: Found} | null} read last: more may be asked about it */
    this.last = null
  }

  /**
   * @param {Asked} asked
   * @param {() => Promise<void>} [pause] lets newer questions in, and throws when this one is not wanted any more
   * @returns {Promise<Answer>}
   */
  async read(asked, pause = async () => {}) {
    const allowed = choose(asked.only, this.network.facts.labels)
    const found = asked.picture
      ? await this.#picture(asked, asked.picture, allowed, pause)
      : await this.#strokes(asked, allowed, pause)
    const { text, confidence, characters, way } = found
    const focus = Math.min(asked.focus ?? 0, characters.length - 1)
    const pictures = await this.#pictures(way(focus), characters[focus], asked.want ?? {}, pause)
    const { labels } = this.network.facts
    const answer = {
      turn: asked.turn,
      status: /** @type {const} */ ('read'),
      labels,
      text,
      confidence,
      characters,
      focus,
    }
    return { ...answer, ...(asked.picture && { remark: SIMPLER }), ...pictures }
  }

  /**
   * @param {Asked} asked
   * @param {number[]} allowed
   * @param {() => Promise<void>} pause
   * @returns {Promise<Found>}
   */
  async #strokes({ strokes = [], several }, allowed, pause) {
    const some = strokes.flatMap((stroke, i) => (stroke.length ? [i] : []))
    const ruled = lines(some.map((i) => extent(strokes[i])))
    const kept = some.filter((_, k) => !ruled[k])
    if (several && this.sequence && kept.length > 1) {
      const written = penned(kept.map((i) => strokes[i]))
      const found = await transcribe(written, allowed, this.network, this.sequence, pause)
      if (found && found.characters.length > 1) {
        const own = (/** @type {number} */ at) => found.characters[at].marks.map((i) => strokes[kept[i]])
        const characters = found.characters.map(({ marks, ...one }, at) => {
          const box = extent(own(at).flat())
          return { ...one, box, strokes: marks.map((i) => kept[i]) }
        })
        return { ...found, characters, way: (at) => drawn(own(at)) }
      }
    }
    return this.#one(drawn(strokes), allowed)
  }

  /**
   * @param {Asked} asked
   * @param {Rgba} picture
   * @param {number[]} allowed
   * @param {() => Promise<void>} pause
   * @returns {Promise<Found>} one character if the whole picture looks like one, drawn in few parts
   */
  async #picture({ large, only, several }, picture, allowed, pause) {
    const question = JSON.stringify([only, several, Boolean(this.sequence)])
    const { last } = this
    if (last?.question === question && isSame(last.picture, picture)) return last.found
    const one = await this.#alone(picture, allowed).catch(refusal)
    /** @type {Found | Refused} */
    let found = one
    if (one instanceof Refused || !one.isSure) {
      await pause()
      const text = await this.#text(large ?? picture, several, allowed, pause).catch(refusal)
      if (text && !(text instanceof Refused)) found = text
    }
    if (found instanceof Refused) throw found
    this.last = { question, picture, found }
    return found
  }

  /**
   * @param {Rgba} picture
   * @param {number[]} allowed
   * @returns {Promise<Found & {isSure: boolean}>} the picture as one character, and whether it looks like one
   */
  async #alone(picture, allowed) {
    const way = photographed(picture)
    const found = await this.#one(way, allowed)
    return { ...found, isSure: found.characters[0].isCharacter && label(way.ink).count <= PARTS }
  }

  /**
   * @param {Rgba} picture
   * @param {boolean} several whether there may be more than one character
   * @param {number[]} allowed
   * @param {() => Promise<void>} pause
   * @returns {Promise<Found | null>} null if most of its marks are no characters
   */
  async #text(picture, several, allowed, pause) {
    if (!this.sequence || !this.layers) return null
    const sheet = await Sheet.read(picture, this.layers)
    const found = sheet && (await transcribe(sheet, allowed, this.network, this.sequence, pause))
    if (!found) return null
    const way = (/** @type {number} */ at) => excerpt(sheet, found.characters[at].marks)
    if (found.characters.length === 1) {
      const one = await this.#one(way(0), allowed)
      return one.characters[0].isCharacter ? one : null
    }
    const none = found.characters.filter(({ isCharacter }) => !isCharacter).length
    const most = found.characters.length > 2 ? NONE * found.characters.length : 0
    if (!several || none > most) return null
    const { width, height } = sheet.even
    const characters = found.characters.map(({ marks, box: [x0, y0, x1, y1], ...rest }) => ({
      ...rest,
      box: /** @type {Bounds} */ ([x0 / width, y0 / height, x1 / width, y1 / height]),
    }))
    return { ...found, characters, way }
  }

  /** @param {Way} way @param {number[]} allowed @returns {Promise<Found>} */
  async #one(way, allowed) {
    const { facts } = this.network
    const { logits, characters } = await this.network.logits([way.image])
    const probabilities = softmax(asDrawn(logits[0], facts), allowed)
    const isCharacter = sigmoid(characters[0]) >= facts.accept
    const character = { ...best(facts.labels, probabilities), probabilities, isCharacter }
    return { text: character.label, confidence: character.confidence, characters: [character], way: () => way }
  }

  /** @param {number} turn @param {string} note what there is to say where nothing can be read @returns {Answer} */
  note(turn, note) {
    return { turn, status: 'note', note, labels: this.network.facts.labels, text: '', confidence: 0, characters: [] }
  }

  /**
   * @param {Way} way
   * @param {Character} character
   * @param {import('../types.js').Wishes} want
   * @param {() => Promise<void>} pause
   * @returns {Promise<{steps?: Step[], attention?: Uint8Array, maps?: Layer[]}>}
   */
  async #pictures({ image, steps }, { label }, want, pause) {
    return {
      ...(want.steps && { steps: steps() }),
      ...(want.maps && { maps: (await this.network.maps(image)).map(layer) }),
      ...(want.attention && { attention: await attention(this.network, image, label, pause) }),
    }
  }
}

/** @param {Rgba} one @param {Rgba} other */
const isSame = (one, other) =>
  one.data.length === other.data.length &&
  one.width === other.width &&
  one.data.every((value, i) => value === other.data[i])

/** @param {unknown} error @returns {Refused} what is blank as a text may still be a character, and the other way round */
function refusal(error) {
  if (error instanceof Refused) return error
  throw error
}

/** @param {{data: Float32Array, dims: readonly number[]}} maps @returns {Layer} */
function layer({ data, dims: [, channels, side] }) {
  const most = data.reduce((a, b) => Math.max(a, b), 1e-9)
  return { channels, side, values: Uint8Array.from(data, (value) => (255 * value) / most) }
}
