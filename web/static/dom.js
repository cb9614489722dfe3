// Small help with elements.

/**
 * @template {keyof HTMLElementTagNameMap} K
 * @param {K} tag
 * @param {string} [name] its classes
 * @param {string} [text]
 * @returns {HTMLElementTagNameMap[K]}
 */
export function make(tag, name = '', text = '') {
  const element = document.createElement(tag)
  if (name) element.className = name
  if (text) element.textContent = text
  return element
}

/**
 * @param {ParentNode} root
 * @param {string} selector of an element that is there
 * @returns {HTMLElement}
 */
export function find(root, selector) {
  const element = root.querySelector(selector)
  if (!(element instanceof HTMLElement)) throw new Error(`the page has no ${selector}`)
  return element
}

/**
 * Says something in an element; nothing is laid out anew where it already says so.
 * @param {Element} element
 * @param {string} text
 */
export function write(element, text) {
  if (element.textContent !== text) element.textContent = text
}

/**
 * Opens a dialog that the browser's way back closes, as people on phones expect; it would leave the page.
 * @param {HTMLDialogElement} dialog
 */
export function open(dialog) {
  const back = () => dialog.close()
  const closed = () => {
    removeEventListener('popstate', back)
    if (history.state?.dialog) history.back()
  }
  dialog.showModal()
  history.pushState({ dialog: true }, '')
  addEventListener('popstate', back, { once: true })
  dialog.addEventListener('close', closed, { once: true })
}

/** @param {HTMLCanvasElement} canvas @returns {CanvasRenderingContext2D} */
export const flat = (canvas) => /** @type {CanvasRenderingContext2D} */ (canvas.getContext('2d'))

/** @param {number} width @param {number} height */
export const canvasOf = (width, height) => Object.assign(document.createElement('canvas'), { width, height })

/** @returns {boolean} whether the page is dark */
const isDark = () => matchMedia('(prefers-color-scheme: dark)').matches || document.body.classList.contains('dark')

/** @returns {number[]} the colour of what is laid over a drawing */
export const tint = () => (isDark() ? [169, 183, 255] : [43, 63, 168])

/** @returns {boolean} whether motion is not wanted */
export const still = () => matchMedia('(prefers-reduced-motion: reduce)').matches
