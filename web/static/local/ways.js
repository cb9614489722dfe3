// What a character is on its way to 28×28, drawn, photographed, or one of several in a picture: the pictures of its steps.

import { crop, map, resize } from './arrays.js'
import { emnist } from './convert.js'
import { raw } from './drawing.js'
import { opaque } from './paper.js'
import { prepare } from './pictures.js'

/** @import {Step, Stroke} from '../types.js' */
/** @import {Bounds, Floats, Mask} from './arrays.js' */
/** @import {Rgba} from './paper.js' */
/** @import {Sheet} from './sheet.js' */

/** What the network sees, and the steps to it. @typedef {{image: Uint8Array, steps: () => Step[]}} Way */

const LONGEST = 112 // px: greatest longer side of the picture of a step

/** @param {Stroke[]} strokes @returns {Way} */
export function drawn(strokes) {
  const ink = raw(strokes)
  const image = emnist(ink)
  const paper = { name: /** @type {const} */ ('picture'), width: 1, height: 1, values: Uint8Array.of(255) } // drawn by the page
  return { image, steps: () => [paper, step('pen', ink, 255), seen(image)] }
}

/** @param {Rgba} picture @returns {Way & {ink: Mask}} */
export function photographed(picture) {
  const { contrast, ink, pen, image } = prepare(picture)
  const steps = () => [
    step('picture', greyOf(picture), 255),
    step('contrast', contrast, 255),
    step('ink', ink, 255),
    step('pen', pen, 255),
    seen(image),
  ]
  return { image, steps, ink }
}

/** @param {Sheet} sheet @param {number[]} marks of one of several characters @returns {Way} */
export function excerpt(sheet, marks) {
  const { box, ink } = sheet.together(marks)
  const pen = sheet.pen(marks)
  const image = emnist(pen)
  const steps = () => [
    step('picture', part(greyOf(sheet.picture), box, sheet.even), 255),
    step('contrast', part(sheet.even, box, sheet.even), 255),
    step('ink', ink, 255),
    step('pen', pen, 255),
    seen(image),
  ]
  return { image, steps }
}

/** @param {Rgba} picture @returns {Floats} */
function greyOf(picture) {
  const [red, green, blue] = opaque(picture)
  return map(red, (value, i) => 0.299 * value + 0.587 * green.data[i] + 0.114 * blue.data[i])
}

/** @param {Floats} pixels @param {Bounds} box in px of `even` @param {Floats} even @returns {Floats} what the box holds */
function part(pixels, [x0, y0, x1, y1], even) {
  const [wide, high] = [pixels.width / even.width, pixels.height / even.height]
  const [left, top] = [Math.floor(x0 * wide), Math.floor(y0 * high)]
  return crop(pixels, { x0: left, y0: top, x1: Math.ceil(x1 * wide), y1: Math.ceil(y1 * high) })
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
