// Boxes of forms, one character each, and which marks belong to which of them: the twin of `emnist/text/boxes.py`, shorter.
// The constants are explained there.

import { boxes, label, median, transposed, where } from './arrays.js'
import { BOXES } from './constants.js'
import { brightest, closedRows } from './filters.js'
import { nearestPart, together, usually } from './pieces.js'

/** @import {Bounds, Mask} from './arrays.js' */
/** @import {Mark} from './pieces.js' */

const { SHRUNK, LEAST, HOLDS, ROOMIEST, FILLED, MEANT, ALIKE, MOST, OVERLAP, CUT_OFF, ASPECT } = BOXES
const { ASTRAY, LARGE, KEEPS, MUCH, SPREADS, SAME_ROW, GAP, AS_WIDE, TALL } = BOXES
const FEWEST = 3 // least number of boxes: fewer may be the corners of large straight letters
const CROSSES = 0.4 // greatest gap in a line where a stroke crosses it, in heights of the writing

/** Their frames, and of each pixel the number of its box, from 1 on. @typedef {{frames: Bounds[], places: Int32Array}} Boxes */

/**
 * @param {Mark[]} marks
 * @param {Mask} middles of boxes, as the network sees them
 * @param {Mask} lines printed
 * @returns {Mark[]} all that is in one box made one mark
 */
export function inBoxes(marks, middles, lines) {
  const form = find(middles, lines, marks)
  const { frames } = form
  if (frames.length < FEWEST) return marks
  const owners = share(marks, form, middles.width)
  /** @type {Mark[][]} */
  const held = frames.map(() => [])
  marks.forEach((mark, i) => {
    const own = owners[i].map((k) => frames[k])
    owners[i].forEach((k, at) => {
      held[k].push(own.length > 1 ? nearestPart(mark, own, at) : mark)
    })
  })
  const filled = held.filter((own) => own.length).map((own) => ({ ...together(own), odds: 0, boxed: true }))
  return [...marks.filter((_, i) => !owners[i].length), ...filled]
}

/** @param {Mask} middles @param {Mask} lines @param {Mark[]} marks @returns {Boxes} for one character each */
function find(middles, lines, marks) {
  const writing = marks.filter(({ odds }) => odds <= 0)
  const high = usually(writing)
  const least = Math.max(LEAST, HOLDS * high)
  const places = new Int32Array(middles.data.length)
  const frames = enclosed(middles, lines, 1 + 2 * Math.round((CROSSES * high) / 2), least)
  frames.forEach((frame, k) => {
    fill(places, middles.width, frame, k + 1)
  })
  const { labels, count } = label(middles, false)
  for (const inner of boxes(labels, count, middles.width)) {
    const frame = grown(inner, middles)
    if (!isBox(frame, least) || frame[3] - frame[1] >= ROOMIEST * high) continue
    if (fill(places, middles.width, frame, frames.length + 1, OVERLAP)) frames.push(frame)
  }
  const held = new Int32Array(frames.length + 1)
  for (const { box } of writing) {
    const [x, y] = [0, 1].map((axis) => Math.floor((box[axis] + box[axis + 2]) / 2))
    if (box[3] - box[1] > TALL * high) held[places[y * middles.width + x]]++
  }
  const kept = frames.filter((frame) => isForOne(frame, frames, held.subarray(1)))
  const numbers = [0, ...frames.map((frame) => kept.indexOf(frame) + 1)]
  return { frames: kept, places: places.map((number) => numbers[number]) }
}

/**
 * @param {Mask} middles
 * @param {Mask} lines
 * @param {number} gap px: lines are closed over less
 * @param {number} least height of a box
 * @returns {Bounds[]} paper with lines all around that is a box, or like most of these
 */
function enclosed(middles, lines, gap, least) {
  const thick = brightest({ ...lines, data: Float64Array.from(lines.data) }, 3)
  const walls = transposed(closedRows(transposed(closedRows(thick, gap)), gap))
  const { labels, count } = label(
    where(walls, (value) => !value),
    false,
  )
  const [sizes, seen] = [new Int32Array(count + 1), new Int32Array(count + 1)] // of each paper; how much of it is middle
  labels.forEach((number, i) => {
    sizes[number]++
    seen[number] += middles.data[i]
  })
  const papers = boxes(labels, count, lines.width)
    .map((frame, k) => ({ frame, size: sizes[k + 1], isMeant: seen[k + 1] > MEANT * sizes[k + 1] }))
    .filter(({ frame, size }) => isBox(frame, least) && size > FILLED * area(frame) && isWhole(frame, lines))
  const meant = papers.filter(({ isMeant }) => isMeant).map(({ frame }) => frame)
  const sides = [0, 1].map((axis) => median(meant.map((frame) => side(frame, axis))))
  const alike = papers.filter(({ frame }) => sides.every((usual, axis) => isLike(side(frame, axis), usual, ALIKE)))
  const most = alike.filter(({ isMeant }) => isMeant).length > MOST * alike.length // else they are squared paper
  return papers.filter((paper) => paper.isMeant || (most && alike.includes(paper))).map(({ frame }) => frame)
}

/** @param {Bounds} frame @param {number} axis 0 for its width, 1 for its height */
const side = (frame, axis) => frame[axis + 2] - frame[axis]

/** @param {Bounds} frame */
const area = (frame) => side(frame, 0) * side(frame, 1)

/** @param {number} one @param {number} other @param {number} ratio */
const isLike = (one, other, ratio) => Math.abs(Math.log(one / other)) < Math.log(ratio)

/** @param {Bounds} frame @param {number} least height */
const isBox = (frame, least) =>
  side(frame, 1) >= least && side(frame, 0) > ASPECT[0] * side(frame, 1) && side(frame, 0) < ASPECT[1] * side(frame, 1)

/** @param {Bounds} frame @param {Mask} sheet @returns {boolean} whether the border of the sheet cuts few sides off */
const isWhole = ([x0, y0, x1, y1], { width, height }) =>
  [x0 === 0, y0 === 0, x1 === width, y1 === height].filter(Boolean).length <= CUT_OFF

/** @param {Bounds} inner @param {Mask} sheet @returns {Bounds} the box around its middle */
function grown(inner, { width, height }) {
  const [x, y] = [0, 1].map((axis) => Math.round((SHRUNK / (1 - 2 * SHRUNK)) * side(inner, axis)))
  const [x0, y0, x1, y1] = inner
  return [Math.max(x0 - x, 0), Math.max(y0 - y, 0), Math.min(x1 + x, width), Math.min(y1 + y, height)]
}

/**
 * Gives the pixels of a frame that have no number one.
 * @param {Int32Array} places
 * @param {number} width
 * @param {Bounds} frame
 * @param {number} number
 * @param {number} [most] greatest share of the frame that may have another one
 * @returns {boolean} whether it has no more than that
 */
function fill(places, width, frame, number, most = 1) {
  const [x0, y0, x1, y1] = frame
  const free = []
  for (let y = y0; y < y1; y++) for (let x = x0; x < x1; x++) if (!places[y * width + x]) free.push(y * width + x)
  if (area(frame) - free.length > most * area(frame)) return false
  for (const i of free) places[i] = number
  return true
}

/**
 * @param {Bounds} frame
 * @param {Bounds[]} frames with it
 * @param {Int32Array} held how many tall marks each holds
 * @returns {boolean} false for a field: it stands alone, or in a row most of which hold several tall marks
 */
function isForOne(frame, frames, held) {
  const shared = (/** @type {Bounds} */ one) => Math.min(one[3], frame[3]) - Math.max(one[1], frame[1])
  const isBeside = (/** @type {Bounds} */ one) => shared(one) > SAME_ROW * Math.min(side(one, 1), side(frame, 1))
  const row = held.filter((_, k) => isBeside(frames[k]))
  const others = frames.filter((one) => one !== frame && isBeside(one))
  const near = others.some((one) => Math.max(one[0] - frame[2], frame[0] - one[2]) < GAP * side(frame, 0))
  const alike = others.filter((one) => isLike(side(one, 0), side(frame, 0), AS_WIDE))
  const crowded = row.filter((count) => count > 1).length > row.filter((count) => count > 0).length / 2
  return (near || alike.length > 1) && !crowded
}

/**
 * @param {Mark[]} marks
 * @param {Boxes} form
 * @param {number} width of the sheet
 * @returns {number[][]} the boxes that each mark belongs to: none, one, or those among which it is to be divided. If many
 *   marks ignore the boxes, no mark belongs to any
 */
function share(marks, { frames, places }, width) {
  const sides = [0, 1].map((axis) => median(frames.map((frame) => side(frame, axis))))
  let [large, astray] = [0, 0]
  const owners = marks.map(({ ink, box: [left, top] }) => {
    const inside = Array(frames.length + 1).fill(0)
    ink.data.forEach((value, i) => {
      inside[places[(top + Math.floor(i / ink.width)) * width + left + (i % ink.width)]] += value
    })
    const [outside, ...own] = inside
    const all = inside.reduce((a, b) => a + b, 0)
    if (Math.max(ink.width, ink.height) > LARGE * Math.min(...sides)) {
      large++
      astray += Number(Math.max(...inside) <= KEEPS * all)
    }
    if (2 * outside > all) return []
    const much = own.flatMap((part, k) => (part > MUCH * all ? [k] : []))
    const spreads = ink.width > SPREADS * sides[0] || ink.height > SPREADS * sides[1]
    return spreads && much.length > 1 ? much : [own.indexOf(Math.max(...own))]
  })
  return astray < ASTRAY * large || !large ? owners : marks.map(() => [])
}
