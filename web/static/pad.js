// The sheet of paper: a canvas that shows the ink, the picture, the keyboard's pen, and what is laid over them.

import { canvasOf, find, flat } from './dom.js'
import { bounds } from './geometry.js'
import { paint } from './ink.js'
import { strokesOf } from './state.js'

/** @import {Point} from './types.js' */
/** @import {PageStore} from './state.js' */

const EDGE = 0.96 // greatest share of the sheet that ink of a larger one spans

/**
 * Where points of the sheet lie on the canvas: the sheet's middle is (0, 0), its shorter side 1.
 * @typedef {{width: number, height: number, unit: number, above: number, below: number}} View in CSS pixels; `above` and
 *   `below` are what lies over the sheet at its ends, under which no picture should be
 */

/**
 * @typedef {object} Pad
 * @property {HTMLCanvasElement} canvas
 * @property {(event: PointerEvent) => Point} place of an event on the sheet
 * @property {(pen: {x: number, y: number, down: boolean} | null) => void} point shows the keyboard's pen
 * @property {() => View} view
 */

/**
 * @param {HTMLCanvasElement} canvas
 * @param {PageStore} store
 * @param {import('./overlay.js').Overlay} overlay what lies over the drawing
 * @returns {Pad}
 */
export function createPad(canvas, store, overlay) {
  const context = flat(canvas)
  /** @type {View} */
  let view = { width: 1, height: 1, unit: 1, above: 0, below: 0 }
  /** @type {{x: number, y: number, down: boolean} | null} */
  let pen = null
  let frame = 0
  /** @type {DOMRect | null} */
  let box = null // where the sheet was when the pen was put down, or the window got another size
  let colours = { ink: '', accent: '' } // kept, as reading them while much has changed would cost a layout

  function look() {
    const style = getComputedStyle(canvas)
    colours = { ink: style.color, accent: style.accentColor }
    redraw()
  }

  function measure() {
    const { clientWidth: width, clientHeight: height } = canvas
    const [x0, y0, x1, y1] = bounds(strokesOf(store.get().past.now))
    const [wide, high] = [2 * Math.max(-x0, x1), 2 * Math.max(-y0, y1)]
    const fit = EDGE * Math.min(width / wide, height / high)
    const [head, tools] = ['.head', '.tools'].map((name) =>
      find(/** @type {HTMLElement} */ (canvas.parentElement), name),
    )
    const [above, below] = [head.offsetTop + head.offsetHeight, height - tools.offsetTop]
    view = { width, height, unit: Math.min(width, height, fit || Infinity), above, below }
  }

  function draw() {
    frame = 0
    const { ink, photo } = store.get().past.now
    const { width, height, unit } = view
    const place = photo?.image ? photoBox(photo.image, view) : null
    const scale = devicePixelRatio
    context.setTransform(scale, 0, 0, scale, 0, 0)
    context.clearRect(0, 0, width, height)
    context.translate(width / 2, height / 2)
    context.scale(unit, unit)
    if (place && photo?.image) {
      context.fillStyle = backing(photo.image)
      context.fillRect(place.x, place.y, place.width, place.height)
      context.drawImage(photo.image, place.x, place.y, place.width, place.height)
    }
    context.strokeStyle = context.fillStyle = colours.ink
    for (const each of ink) paint(context, each)
    overlay.paint(context, colours.accent, place, redraw)
    if (pen) {
      context.fillStyle = colours.accent
      context.beginPath()
      context.arc(pen.x, pen.y, pen.down ? 0.022 : 0.014, 0, 2 * Math.PI)
      context.fill()
    }
  }

  const redraw = () => {
    if (!frame) frame = requestAnimationFrame(draw)
  }

  new ResizeObserver(() => {
    canvas.width = Math.round(canvas.clientWidth * devicePixelRatio)
    canvas.height = Math.round(canvas.clientHeight * devicePixelRatio)
    box = null
    measure()
    look()
    draw()
  }).observe(canvas)
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', look)
  new MutationObserver(look).observe(document.documentElement, { attributeFilter: ['class', 'data-theme'] })
  new MutationObserver(look).observe(document.body, { attributeFilter: ['class'] })
  store.watch(['version', 'filming'], ({ moving }) => {
    if (!moving) measure() // ink that comes back may be of a larger sheet
    redraw()
  })
  store.watch(['answer', 'looking', 'laid', 'focus'], () => {
    if (overlay.isStale()) redraw()
  })

  return {
    canvas,
    view: () => view,
    place({ type, clientX, clientY }) {
      if (!box || type === 'pointerdown') box = canvas.getBoundingClientRect()
      return [(clientX - box.left - box.width / 2) / view.unit, (clientY - box.top - box.height / 2) / view.unit]
    },
    point(next) {
      pen = next
      redraw()
    },
  }
}

/** @type {WeakMap<HTMLCanvasElement, string>} */
const backings = new WeakMap()

/**
 * What shows through a picture where it is transparent: white under dark ink, black under light ink.
 * @param {HTMLCanvasElement} image
 */
export function backing(image) {
  const known = backings.get(image)
  if (known) return known
  const { data } = flat(image).getImageData(0, 0, image.width, image.height)
  let [light, opaque] = [0, 0]
  for (let i = 0; i < data.length; i += 4) {
    light += data[i + 1] * data[i + 3]
    opaque += data[i + 3]
  }
  const paper = light > 160 * opaque && opaque < 250 * (data.length / 4) ? '#000' : '#fff'
  backings.set(image, paper)
  return paper
}

/**
 * Where a picture lies on the sheet.
 * @param {{width: number, height: number}} image
 * @param {View} view
 * @returns {import('./overlay.js').Place}
 */
function photoBox(image, view) {
  const { unit, above, below } = view
  const [wide, high] = [view.width / unit, (view.height - above - below) / unit]
  const scale = Math.min(wide / image.width, high / image.height)
  const [width, height] = [image.width * scale, image.height * scale]
  return { x: -width / 2, y: ((above - below) / unit - height) / 2, width, height }
}

/**
 * The drawing as a picture: black on white, with a margin.
 * @param {import('./sheet.js').Ink[]} ink
 * @param {number} side of the picture in pixels
 */
export function pictureOf(ink, side) {
  const [x0, y0, x1, y1] = bounds(ink.map(({ points }) => points))
  const longest = Math.max(x1 - x0, y1 - y0, 0.1) + 0.12
  const copy = canvasOf(side, side)
  const context = flat(copy)
  context.fillStyle = '#fff'
  context.fillRect(0, 0, side, side)
  context.translate(side / 2, side / 2)
  context.scale(side / longest, side / longest)
  context.translate(-(x0 + x1) / 2, -(y0 + y1) / 2)
  context.strokeStyle = context.fillStyle = '#000'
  for (const each of ink) paint(context, each)
  return copy
}
