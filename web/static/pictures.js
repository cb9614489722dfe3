// Pictures: chosen, dropped, pasted or taken.

import { canvasOf, find, flat } from './dom.js'
import { enter } from './sheet.js'
import { changed, kept } from './state.js'
import { say } from './words.js'

/** @import {PageStore} from './state.js' */
/** @import {Key} from './words.js' */

const LONGEST = 1200 // px: greatest longer side of a photo that is encoded again; letters 1.5 % as high are 18 px high then
const AS_IT_IS = 1e6 // most bytes of a picture file that is sent unchanged
const KNOWN = /^image\/(png|jpeg|webp|gif|bmp|avif)$/ // formats that are sent unchanged: the server reads them
const QUALITY = 0.9 // quality of what is encoded again; JPEG where it can be, as WebP takes ten times as long
const LARGEST = 8_000_000 // most bytes that can be sent
const HEIC = /hei[cf]/i

/**
 * @param {CanvasImageSource} image
 * @param {number} width
 * @param {number} height
 * @param {number} [left]
 * @param {number} [top]
 * @returns {HTMLCanvasElement} the part of the picture that starts at (left, top), no larger than is sent
 */
function shrunk(image, width, height, left = 0, top = 0) {
  const scale = Math.min(1, LONGEST / Math.max(width, height))
  const copy = canvasOf(Math.max(1, Math.round(width * scale)), Math.max(1, Math.round(height * scale)))
  flat(copy).drawImage(image, left, top, width, height, 0, 0, copy.width, copy.height)
  return copy
}

/** @param {HTMLCanvasElement} canvas @param {string} type @returns {Promise<Blob>} */
const encoded = (canvas, type) =>
  new Promise((resolve, reject) =>
    canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new Error('no picture'))), type, QUALITY),
  )

/** The content of a file, which may be moved or changed later. @param {File} file */
const held = async (file) => new Blob([await file.arrayBuffer()], { type: file.type })

/** What speaks to the visitor instead of a picture. */
class Unfit extends Error {}

/**
 * @param {File} file
 * @param {(key: Key, values?: Record<string, string | number>) => string} tell
 * @returns {Promise<import('./sheet.js').Photo>}
 */
async function photoOf(file, tell) {
  let bitmap
  try {
    bitmap = await createImageBitmap(file)
  } catch {
    if (HEIC.test(file.type) || HEIC.test(file.name.split('.').pop() ?? '')) throw new Unfit(tell('heic'))
    if (file.size > LARGEST) throw new Unfit(tell('tooLarge', { mb: LARGEST / 1e6 }))
    return { image: null, blob: await held(file) } // the server may still know the format, or say what is wrong
  }
  const image = shrunk(bitmap, bitmap.width, bitmap.height)
  bitmap.close()
  if (file.size <= AS_IT_IS && KNOWN.test(file.type)) return { image, blob: await held(file) }
  return { image, blob: await encoded(image, file.type === 'image/jpeg' ? file.type : 'image/webp') }
}

/**
 * @param {HTMLElement} page
 * @param {PageStore} store
 * @param {() => void} interrupt ends what draws by itself
 */
export function startPictures(page, store, interrupt) {
  const input = /** @type {HTMLInputElement} */ (find(page, 'input[type=file]'))
  const video = /** @type {HTMLVideoElement} */ (find(page, 'video'))
  const button = /** @type {HTMLButtonElement} */ (find(page, '[data-do=camera]'))
  let token = 0 // number of the newest picture or camera: what comes late from an older one is dropped

  const tell = (/** @type {Key} */ key, /** @type {Record<string, string | number>} */ values = {}) =>
    say(store.get().language, key, values)

  /** @param {import('./sheet.js').Photo} photo */
  function put(photo) {
    interrupt()
    store.set(kept(store.get()))
    const state = store.get()
    store.set(changed(state, enter(state.past, { ink: [], photo })))
  }

  /** @param {File | undefined} file */
  async function show(file) {
    if (!file) return
    stop()
    const mine = ++token
    try {
      const photo = await photoOf(file, tell)
      if (mine === token) put(photo)
    } catch (error) {
      if (mine === token) store.set({ note: error instanceof Unfit ? error.message : tell('dropFiles') })
    }
  }

  async function camera() {
    if (store.get().filming) return take()
    const mine = ++token
    store.set({ filming: true, note: '' })
    button.disabled = true // until there is a picture to take
    try {
      const stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: 'environment' } })
      if (mine !== token) return end(stream)
      video.srcObject = stream
      await video.play()
      button.disabled = false
    } catch {
      if (mine !== token) return
      stop()
      store.set({ note: tell('noCamera') })
    }
  }

  async function take() {
    const mine = ++token
    const { videoWidth: width, videoHeight: height } = video
    const frame = shrunk(video, width, height)
    end(/** @type {MediaStream} */ (video.srcObject))
    video.srcObject = null
    store.set({ filming: false })
    const blob = await encoded(frame, 'image/jpeg')
    if (mine === token) put({ image: frame, blob })
  }

  /** @param {MediaStream} stream */
  const end = (stream) => {
    for (const track of stream.getTracks()) track.stop()
  }

  /** @returns {boolean} whether there was a camera to stop */
  function stop() {
    if (!store.get().filming) return false
    token += 1
    if (video.srcObject) end(/** @type {MediaStream} */ (video.srcObject))
    video.srcObject = null
    store.set({ filming: false })
    return true
  }

  input.addEventListener('change', () => {
    show(input.files?.[0])
    input.value = ''
  })
  document.addEventListener('paste', (event) => {
    const file = [...(event.clipboardData?.files ?? [])].find(({ type }) => type.startsWith('image/'))
    if (!file) return
    event.preventDefault()
    show(file)
  })
  for (const name of /** @type {const} */ (['dragenter', 'dragover', 'dragleave', 'drop'])) {
    document.addEventListener(name, (event) => {
      event.preventDefault() // else the browser would leave the page for the file
      page.classList.toggle('over', name === 'dragenter' || name === 'dragover')
      if (name !== 'drop') return
      const file = event.dataTransfer?.files[0]
      if (file) show(file)
      else store.set({ note: tell('dropFiles') })
    })
  }
  document.addEventListener('keydown', (event) => {
    if (event.key === 'Escape') stop()
  })
  document.addEventListener('visibilitychange', () => {
    if (document.hidden) stop()
  })
  store.watch(['filming'], ({ filming }) => {
    if (!filming) button.disabled = false
    video.hidden = !filming
    page.classList.toggle('filming', filming)
  })
  return { choose: () => input.click(), camera, stop }
}
