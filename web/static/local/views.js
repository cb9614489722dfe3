// One image seen several times, a little turned: the twin of `emnist/views.py`.

/**
 * @param {Float32Array} image side × side, ink 1 on 0
 * @param {number} side
 * @param {number} degrees counter-clockwise, about the middle
 * @returns {Float32Array} paper moves in at the corners
 */
export function turn(image, side, degrees) {
  if (!degrees) return image
  const angle = (degrees * Math.PI) / 180
  const [cos, sin] = [Math.cos(angle), Math.sin(angle)]
  const middle = (side - 1) / 2
  const at = (/** @type {number} */ x, /** @type {number} */ y) =>
    x >= 0 && y >= 0 && x < side && y < side ? image[y * side + x] : 0
  const turned = new Float32Array(image.length)
  for (let v = 0, i = 0; v < side; v++) {
    for (let u = 0; u < side; u++, i++) {
      const x = cos * (u - middle) - sin * (v - middle) + middle
      const y = sin * (u - middle) + cos * (v - middle) + middle
      const [left, top] = [Math.floor(x), Math.floor(y)]
      const [across, down] = [x - left, y - top]
      turned[i] =
        (1 - down) * ((1 - across) * at(left, top) + across * at(left + 1, top)) +
        down * ((1 - across) * at(left, top + 1) + across * at(left + 1, top + 1))
    }
  }
  return turned
}

/**
 * @param {Uint8Array[]} images N of side × side, ink 255 on 0
 * @param {number} side
 * @param {number[]} turns degrees
 * @returns {Float32Array} turns × N × side × side, ink 1 on 0: all images turned by the first, then by the next …
 */
export function seen(images, side, turns) {
  const plain = images.map((image) => Float32Array.from(image, (value) => value / 255))
  const all = new Float32Array(turns.length * images.length * side * side)
  let at = 0
  for (const degrees of turns) {
    for (const image of plain) {
      all.set(turn(image, side, degrees), at)
      at += image.length
    }
  }
  return all
}

/**
 * @param {ArrayLike<number>} answers turns × N × width of them
 * @param {number} turns
 * @param {number} width
 * @returns {Float64Array[]} N of them: the means over the turns
 */
export function means(answers, turns, width) {
  const count = answers.length / turns / width
  return Array.from({ length: count }, (_, n) =>
    Float64Array.from({ length: width }, (_, i) => {
      let sum = 0
      for (let t = 0; t < turns; t++) sum += answers[(t * count + n) * width + i]
      return sum / turns
    }),
  )
}
