// Questions to answers: what is on the sheet becomes 28×28, the network says what it may be.

import { map, resize } from './arrays.js'
import { emnist } from './convert.js'
import { raw } from './drawing.js'
import { asDrawn, best, choose, fold, sigmoid, softmax } from './odds.js'
import { opaque } from './paper.js'
import { prepare } from './pictures.js'
import { transcribe } from './several.js'

/** @import {Answer, Character, Layer, Question, Step} from '../types.js' */
/** @import {Floats, Mask} from './arrays.js' */
/** @import {Network} from './network.js' */
/** @import {Rgba} from './paper.js' */
/** @import {Sequence} from './sequence.js' */

const LONGEST = 112 // px: greatest longer side of the picture of a step
const PATCH = 7 // px: side of the square that is erased to see where the network looks
const STRIDE = 3 // px from one such square to the next
const SIMPLER = 'Pictures are read more simply here, one character each: use plain paper in even light.'
const AT_ONCE = 8 // most erased images in a run: a newer question waits for no more than these

/** A question whose picture is opened. @typedef {Omit<Question, 'picture'> & {picture?: Rgba}} Asked */
/** What a character is on its way to 28×28. @typedef {{image: Uint8Array, steps: () => Step[]}} Way */

export class Reader {
  /** @param {Network} network */
  constructor(network) {
    this.network = network
    /** @type {Sequence | null} what sees a line of several characters as a whole; it may come later */
    this.sequence = null
  }

  /**
   * @param {Asked} asked
   * @param {() => Promise<void>} [pause] lets newer questions in, and throws when this one is not wanted any more
   * @returns {Promise<Answer>}
   */
  async read({ turn, strokes = [], picture, only, several, focus = 0, want = {} }, pause = async () => {}) {
    const { labels } = this.network.facts
    const allowed = choose(only, labels)
    const many = picture || !several ? null : await this.#text(strokes, allowed, pause)
    if (many) {
      const at = Math.min(focus, many.characters.length - 1)
      const own = many.characters[at]
      const pictures = await this.#pictures(drawn(own.strokes.map((i) => strokes[i])), own, want, pause)
      return { turn, labels, ...many, focus: at, status: 'read', ...pictures }
    }
    const way = picture ? photographed(picture) : drawn(strokes)
    const character = await this.#character(way.image, allowed)
    const { label: text, confidence } = character
    const found = { turn, labels, text, confidence, characters: [character], focus: 0 }
    const remark = picture && { remark: SIMPLER }
    return { ...found, ...remark, status: 'read', ...(await this.#pictures(way, character, want, pause)) }
  }

  /**
   * @param {import('../types.js').Stroke[]} strokes
   * @param {number[]} allowed
   * @param {() => Promise<void>} pause
   * @returns what they say; null for one character
   */
  async #text(strokes, allowed, pause) {
    if (!this.sequence || strokes.length < 2) return null
    const found = await transcribe(strokes, allowed, this.network, this.sequence, pause)
    return found && found.characters.length > 1 ? found : null
  }

  /** @param {number} turn @param {string} note what there is to say where nothing can be read @returns {Answer} */
  note(turn, note) {
    return { turn, status: 'note', note, labels: this.network.facts.labels, text: '', confidence: 0, characters: [] }
  }

  /** @param {Uint8Array} image @param {number[]} allowed @returns {Promise<Character>} */
  async #character(image, allowed) {
    const { facts } = this.network
    const { logits, characters } = await this.network.logits([image])
    const probabilities = softmax(asDrawn(logits[0], facts), allowed)
    return { ...best(facts.labels, probabilities), probabilities, isCharacter: sigmoid(characters[0]) >= facts.accept }
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
      ...(want.attention && { attention: await this.attention(image, label, pause) }),
    }
  }

  /**
   * Where the network looked in `image` to see `label`: how much the log-probability falls when the ink around a pixel is
   * erased (Zeiler and Fergus 2014).
   * @param {Uint8Array} image
   * @param {string} label a class, or the other case of one
   * @param {() => Promise<void>} pause
   * @returns {Promise<Uint8Array>} 28×28, 255 where it looked most
   */
  async attention(image, label, pause) {
    const { labels, image_size: side } = this.network.facts
    const index = labels.indexOf(fold(label, labels))
    const everything = labels.map((_, i) => i)
    const squares = windows(image, side)
    const erased = [image, ...squares.map((square) => image.map((value, i) => (square.has(i) ? 0 : value)))]
    const scores = []
    for (let i = 0; i < erased.length; i += AT_ONCE) {
      await pause()
      const { logits } = await this.network.logits(erased.slice(i, i + AT_ONCE), [0])
      scores.push(...logits.map((each) => Math.log(softmax(each, everything)[index])))
    }
    const [whole, ...without] = scores
    const heat = Float64Array.from(image, (_, pixel) => {
      const falls = without.filter((_, k) => squares[k].has(pixel)).map((score) => Math.max(whole - score, 0))
      return falls.reduce((sum, each) => sum + each, 0) / Math.max(falls.length, 1)
    })
    const most = Math.max(...heat, 1e-9)
    return Uint8Array.from(heat, (value) => (255 * value) / most)
  }
}

/** @param {Uint8Array} image @param {number} side @returns {Set<number>[]} squares of pixels that hold ink */
function windows(image, side) {
  /** @type {number[]} */
  const corners = []
  for (let corner = 1 - PATCH + STRIDE; corner < side; corner += STRIDE) corners.push(corner)
  const squares = corners.flatMap((top) => corners.map((left) => square(top, left, side)))
  return squares.filter((pixels) => [...pixels].some((i) => image[i]))
}

/** @param {number} top @param {number} left @param {number} side */
function square(top, left, side) {
  const pixels = new Set()
  for (let y = Math.max(top, 0); y < Math.min(top + PATCH, side); y++) {
    for (let x = Math.max(left, 0); x < Math.min(left + PATCH, side); x++) pixels.add(y * side + x)
  }
  return pixels
}

/** @param {import('../types.js').Stroke[]} strokes @returns {Way} */
function drawn(strokes) {
  const ink = raw(strokes)
  const image = emnist(ink)
  const paper = { name: /** @type {const} */ ('picture'), width: 1, height: 1, values: Uint8Array.of(255) } // drawn by the page
  return { image, steps: () => [paper, step('pen', ink, 255), seen(image)] }
}

/** @param {Rgba} picture @returns {Way} */
function photographed(picture) {
  const { contrast, ink, pen, image } = prepare(picture)
  const steps = () => {
    const [red, green, blue] = opaque(picture)
    const grey = map(red, (value, i) => 0.299 * value + 0.587 * green.data[i] + 0.114 * blue.data[i])
    const parts = [step('picture', grey, 255), step('contrast', contrast, 255), step('ink', ink, 255)]
    return [...parts, step('pen', pen, 255), seen(image)]
  }
  return { image, steps }
}

/** @param {Step['name']} name @param {Floats | Mask} pixels @param {number} white @returns {Step} */
function step(name, pixels, white) {
  const plain = map({ ...pixels, data: Float64Array.from(pixels.data) }, (value) => value * white)
  const scale = Math.min(1, LONGEST / Math.max(plain.width, plain.height))
  const [width, height] = [plain.width, plain.height].map((side) => Math.max(1, Math.round(side * scale)))
  return { name, width, height, values: Uint8Array.from(resize(plain, width, height).data) }
}

/** @param {Uint8Array} image @returns {Step} */
const seen = (image) => ({
  name: 'image',
  width: Math.sqrt(image.length),
  height: Math.sqrt(image.length),
  values: image,
})

/** @param {{data: Float32Array, dims: readonly number[]}} maps @returns {Layer} */
function layer({ data, dims: [, channels, side] }) {
  const most = data.reduce((a, b) => Math.max(a, b), 1e-9)
  return { channels, side, values: Uint8Array.from(data, (value) => (255 * value) / most) }
}
