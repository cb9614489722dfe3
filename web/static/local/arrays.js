// Pictures of one value a pixel, row by row, and the small helpers that several rooms of this wing share: the twin of
// `emnist/picture/arrays.py`.

/** @typedef {{width: number, height: number, data: Uint8Array}} Mask 1 where there is ink */
/** @typedef {{width: number, height: number, data: Float64Array}} Floats */
/** @typedef {{x0: number, y0: number, x1: number, y1: number}} Box first column and row, and those after the last */
/** Least x and y, greatest x and y. @typedef {[number, number, number, number]} Bounds */

/** What the visitor can do something about. */
export class Refused extends Error {}

export const BLANK = 'The picture is blank: write something, or write it with more contrast.'

const LEVELS = 256 // bins of values in [0, 1] for Otsu's threshold

/** @param {number} width @param {number} height @returns {Mask} */
export const mask = (width, height) => ({ width, height, data: new Uint8Array(width * height) })

/** @param {number} width @param {number} height @returns {Floats} */
export const floats = (width, height) => ({ width, height, data: new Float64Array(width * height) })

/**
 * @param {Floats} pixels
 * @param {(value: number, at: number) => number} change
 * @returns {Floats}
 */
export const map = ({ width, height, data }, change) => ({ width, height, data: data.map(change) })

/**
 * @param {Mask | Floats} pixels
 * @param {(value: number, at: number) => boolean} test
 * @returns {Mask}
 */
export function where({ width, height, data }, test) {
  const found = mask(width, height)
  for (let i = 0; i < data.length; i++) if (test(data[i], i)) found.data[i] = 1
  return found
}

/** @param {Mask} ink @returns {Box | null} what holds all of `ink`; null for none */
export function box({ width, height, data }) {
  let [x0, y0, x1, y1] = [width, height, 0, 0]
  for (let y = 0, i = 0; y < height; y++) {
    for (let x = 0; x < width; x++, i++) {
      if (!data[i]) continue
      if (x < x0) x0 = x
      if (x >= x1) x1 = x + 1
      if (y < y0) y0 = y
      y1 = y + 1
    }
  }
  return x1 ? { x0, y0, x1, y1 } : null
}

/**
 * @template {Mask | Floats} T
 * @param {T} pixels
 * @param {Box} part
 * @param {number} [rim] px of 0 around it
 * @returns {T}
 */
export function crop(pixels, { x0, y0, x1, y1 }, rim = 0) {
  const [width, height] = [x1 - x0 + 2 * rim, y1 - y0 + 2 * rim]
  const data = pixels.data instanceof Uint8Array ? new Uint8Array(width * height) : new Float64Array(width * height)
  for (let y = y0; y < y1; y++) {
    const row = pixels.data.subarray(y * pixels.width + x0, y * pixels.width + x1)
    data.set(row, (y - y0 + rim) * width + rim)
  }
  return /** @type {T} */ ({ width, height, data })
}

/** @param {Floats} pixels @returns {Floats} rows as columns */
export function transposed({ width, height, data }) {
  const turned = floats(height, width)
  for (let y = 0, i = 0; y < height; y++) for (let x = 0; x < width; x++, i++) turned.data[x * height + y] = data[i]
  return turned
}

/**
 * Averages or interpolates `pixels`, or their part from (left, top) to (right, bottom), into width × height.
 * @param {Floats} pixels
 * @param {number} width
 * @param {number} height
 * @param {[number, number, number, number]} [part]
 * @returns {Floats}
 */
export function resize(pixels, width, height, [left, top, right, bottom] = [0, 0, pixels.width, pixels.height]) {
  const averaged = width < right - left
  const across = rows(pixels, weights(pixels.width, left, right, width, averaged))
  const down = rows(transposed(across), weights(pixels.height, top, bottom, height, averaged))
  return transposed(down)
}

/**
 * @param {number} length of the axis
 * @param {number} from
 * @param {number} to
 * @param {number} count of pixels made
 * @param {boolean} averaged over the pixels that each covers, or else interpolated between the nearest
 * @returns {{first: number, weights: Float64Array}[]} of which pixels, and how much of each, a pixel is made
 */
function weights(length, from, to, count, averaged) {
  const scale = (to - from) / count
  const wide = Math.max(scale, 1)
  const reach = (averaged ? 0.5 : 1) * wide
  return Array.from({ length: count }, (_, i) => {
    const centre = from + (i + 0.5) * scale
    const first = Math.max(0, Math.floor(centre - reach + 0.5))
    const last = Math.min(length, Math.floor(centre + reach + 0.5))
    const found = Float64Array.from({ length: last - first }, (_, k) => {
      const far = Math.abs(first + k + 0.5 - centre) / wide
      return averaged ? Number(far <= 0.5) : Math.max(0, 1 - far)
    })
    const sum = found.reduce((total, each) => total + each, 0)
    return { first, weights: found.map((each) => each / sum) }
  })
}

/** @param {Floats} pixels @param {{first: number, weights: Float64Array}[]} made @returns {Floats} each row resampled */
function rows({ width, height, data }, made) {
  const result = floats(made.length, height)
  for (let y = 0, i = 0; y < height; y++) {
    for (const { first, weights } of made) {
      const start = y * width + first
      let sum = 0
      for (let k = 0; k < weights.length; k++) sum += weights[k] * data[start + k]
      result.data[i++] = sum
    }
  }
  return result
}

/** @param {ArrayLike<number>} values @returns {number} */
export const median = (values) => quantile(values, 0.5)

/** @param {ArrayLike<number>} values @param {number} share @returns {number} between the two values around it */
export function quantile(values, share) {
  if (!values.length) return Number.NaN
  const sorted = Float64Array.from(values).sort()
  const at = share * (sorted.length - 1)
  const low = Math.floor(at)
  const high = Math.min(low + 1, sorted.length - 1)
  return sorted[low] + (sorted[high] - sorted[low]) * (at - low)
}

/**
 * What best splits `values` in [0, 1] into two levels, and the share of the variance that these explain.
 * @param {ArrayLike<number>} values
 * @returns {[number, number]}
 */
export function otsu(values) {
  const share = new Float64Array(LEVELS)
  for (let i = 0; i < values.length; i++)
    share[Math.min(LEVELS - 1, Math.floor(values[i] * LEVELS))] += 1 / values.length
  const middle = (/** @type {number} */ level) => (level + 0.5) / LEVELS
  const mean = share.reduce((sum, each, level) => sum + each * middle(level), 0)
  const variance = share.reduce((sum, each, level) => sum + each * (middle(level) - mean) ** 2, 0)
  let [best, most, below, sum] = [0, -1, 0, 0]
  for (let level = 0; level < LEVELS - 1; level++) {
    below += share[level]
    sum += share[level] * middle(level)
    const between = (mean * below - sum) ** 2 / Math.max(below * (1 - below), 1e-12)
    if (between > most) [best, most] = [level, between]
  }
  return [(best + 1) / LEVELS, most / Math.max(variance, 1e-12)]
}

/** @param {Mask | Floats} pixels @returns {number[]} the outermost of them */
export function rim({ width, height, data }) {
  const found = []
  for (let x = 0; x < width; x++) found.push(data[x], data[(height - 1) * width + x])
  for (let y = 0; y < height; y++) found.push(data[y * width], data[y * width + width - 1])
  return found
}

/**
 * Numbers the connected parts of `ink` from 1 on, in reading order, corners included.
 * @param {Mask} ink
 * @param {boolean} [corners] whether pixels that meet at a corner are connected
 * @returns {{labels: Int32Array, count: number}}
 */
export function label({ width, height, data }, corners = true) {
  const labels = new Int32Array(data.length)
  const waiting = []
  let count = 0
  for (let start = 0; start < data.length; start++) {
    if (!data[start] || labels[start]) continue
    labels[start] = ++count
    waiting.push(start)
    for (let at = waiting.pop(); at !== undefined; at = waiting.pop()) {
      const x = at % width
      const y = (at - x) / width
      for (let v = Math.max(0, y - 1); v <= Math.min(height - 1, y + 1); v++) {
        for (let u = Math.max(0, x - 1); u <= Math.min(width - 1, x + 1); u++) {
          const next = v * width + u
          if (!data[next] || labels[next] || (!corners && u !== x && v !== y)) continue
          labels[next] = count
          waiting.push(next)
        }
      }
    }
  }
  return { labels, count }
}

/**
 * @param {Int32Array} labels
 * @param {number} count
 * @param {number} width
 * @returns {Bounds[]} the box of each label, from 1 on: first column and row, and those after the last
 */
export function boxes(labels, count, width) {
  const found = Array.from({ length: count }, () => /** @type {Bounds} */ ([Infinity, Infinity, 0, 0]))
  labels.forEach((number, i) => {
    if (!number) return
    const box = found[number - 1]
    const [x, y] = [i % width, Math.floor(i / width)]
    box[0] = Math.min(box[0], x)
    box[1] = Math.min(box[1], y)
    box[2] = Math.max(box[2], x + 1)
    box[3] = y + 1
  })
  return found
}

/**
 * @param {Int32Array} labels
 * @param {number} count
 * @param {number} width
 * @returns {Uint8Array} of each label whether it touches the border
 */
export function fromBorder(labels, count, width) {
  const touches = new Uint8Array(count + 1)
  for (let i = 0; i < width; i++) touches[labels[i]] = touches[labels[labels.length - 1 - i]] = 1
  for (let i = 0; i < labels.length; i += width) touches[labels[i]] = touches[labels[i + width - 1]] = 1
  return touches
}
