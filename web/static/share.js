// A drawing in the fragment of a link: whole numbers in base 36, so that a letter takes some two hundred characters.

import { simplify } from './geometry.js'

/** @import {Point, Stroke} from './types.js' */

const UNIT = 500 // whole numbers to the shorter side of the sheet
const FINE = 0.004 // greatest distance of a simplified line from the drawn one, in shorter sides
const MOST = 20_000 // most points that a link may bring
const WORD = /^(?:-?[0-9a-z]{1,4}(?:\.-?[0-9a-z]{1,4})*)(?:_-?[0-9a-z]{1,4}(?:\.-?[0-9a-z]{1,4})*)*$/

/**
 * @param {Stroke[]} strokes
 * @returns {string} strokes by "_", numbers by "."; the first two are the start, the others steps from there
 */
export function encode(strokes) {
  return strokes
    .map((stroke) => {
      let [x, y] = [0, 0]
      return simplify(stroke, FINE)
        .flatMap(([u, v]) => {
          const [p, q] = [Math.round(u * UNIT), Math.round(v * UNIT)]
          const step = [p - x, q - y]
          ;[x, y] = [p, q]
          return step.map((value) => value.toString(36))
        })
        .join('.')
    })
    .join('_')
}

/**
 * @param {string} text
 * @returns {Stroke[] | null} null for what is no drawing
 */
export function decode(text) {
  if (!WORD.test(text) || text.split(/[._]/).length > 2 * MOST) return null
  const strokes = text.split('_').map((part) => part.split('.').map((word) => Number.parseInt(word, 36)))
  if (strokes.some((numbers) => numbers.length % 2)) return null
  return strokes.map((numbers) => {
    let [x, y] = [0, 0]
    /** @type {Point[]} */
    const points = []
    for (let i = 0; i < numbers.length; i += 2) {
      x += numbers[i]
      y += numbers[i + 1]
      points.push([x / UNIT, y / UNIT])
    }
    return points
  })
}
