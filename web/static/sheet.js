// What is on the sheet of paper, and the way back: pure functions on values that are never changed in place.

import { erased } from './geometry.js'

/** @import {Point, Stroke} from './types.js' */

/**
 * A stroke as it was drawn.
 * @typedef {object} Ink
 * @property {Stroke} points
 * @property {number[]} widths of the pen at each point, in the unit of the points
 */

/**
 * A picture on the sheet.
 * @typedef {object} Photo
 * @property {HTMLCanvasElement | null} image what is shown; null for a format that this browser does not know
 * @property {Blob} blob what is sent
 */

/**
 * @typedef {object} Sheet
 * @property {Ink[]} ink
 * @property {Photo | null} photo
 */

/**
 * @typedef {object} Past
 * @property {Sheet} now
 * @property {Sheet[]} undone what undo goes back to, newest last
 * @property {Sheet[]} redone what redo goes forward to, newest last
 */

const MOST = 100 // most steps that can be undone

/** @type {Sheet} */
export const EMPTY = { ink: [], photo: null }

/** @param {Sheet} sheet */
export const isBlank = (sheet) => !sheet.ink.length && !sheet.photo

/**
 * @param {Sheet} [now]
 * @returns {Past}
 */
export const begin = (now = EMPTY) => ({ now, undone: [], redone: [] })

/**
 * @param {Past} past
 * @param {Sheet} now
 * @returns {Past}
 */
export const enter = (past, now) => ({ now, undone: [...past.undone, past.now].slice(-MOST), redone: [] })

/**
 * Replaces the newest state without a step of its own: a stroke that grows is one step.
 * @param {Past} past
 * @param {Sheet} now
 * @returns {Past}
 */
export const amend = (past, now) => ({ ...past, now })

/**
 * @param {Past} past
 * @returns {Past}
 */
export function undo(past) {
  const now = past.undone.at(-1)
  return now ? { now, undone: past.undone.slice(0, -1), redone: [...past.redone, past.now] } : past
}

/**
 * @param {Past} past
 * @returns {Past}
 */
export function redo(past) {
  const now = past.redone.at(-1)
  return now ? { now, undone: [...past.undone, past.now], redone: past.redone.slice(0, -1) } : past
}

/**
 * Takes away what an eraser touches on its way; strokes it goes through fall apart.
 * @param {Sheet} sheet
 * @param {Point} from
 * @param {Point} to
 * @param {number} radius
 * @returns {Sheet} the same one if nothing was touched
 */
export function erase(sheet, from, to, radius) {
  const ink = sheet.ink.flatMap(({ points, widths }) =>
    erased(points, from, to, radius).map(([start, end]) => ({
      points: points.slice(start, end),
      widths: widths.slice(start, end),
    })),
  )
  const left = ink.reduce((sum, { points }) => sum + points.length, 0)
  const had = sheet.ink.reduce((sum, { points }) => sum + points.length, 0)
  return left === had ? sheet : { ...sheet, ink }
}
