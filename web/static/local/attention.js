// Where the network looked: the twin of `emnist/attention.py`.

import { fold, softmax } from './odds.js'

/** @import {Network} from './network.js' */

const PATCH = 7 // px: side of the square that is erased to see where the network looks
const STRIDE = 3 // px from one such square to the next
const AT_ONCE = 8 // most erased images in a run: a newer question waits for no more than these

/**
 * Where the network looked in `image` to see `label`: how much the log-probability falls when the ink around a pixel is
 * erased (Zeiler and Fergus 2014).
 * @param {Network} network
 * @param {Uint8Array} image
 * @param {string} label a class, or the other case of one
 * @param {() => Promise<void>} pause
 * @returns {Promise<Uint8Array>} 28×28, 255 where it looked most
 */
export async function attention(network, image, label, pause) {
  const { labels, image_size: side } = network.facts
  const index = labels.indexOf(fold(label, labels))
  const everything = labels.map((_, i) => i)
  const squares = windows(image, side)
  const erased = [image, ...squares.map((square) => image.map((value, i) => (square.has(i) ? 0 : value)))]
  const scores = []
  for (let i = 0; i < erased.length; i += AT_ONCE) {
    await pause()
    const { logits } = await network.logits(erased.slice(i, i + AT_ONCE), [0])
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
