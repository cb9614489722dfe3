// Pictures: chosen, dropped, pasted or taken.  Follows sketchpad.js in the same function.
const LONGEST = 800       // px, longer side of a photo that is sent: twice what the server looks at
const AS_IT_IS = 1e6      // bytes up to which a picture file is sent unchanged,
const KNOWN = /^image\/(png|jpeg|webp|gif|bmp|avif)$/  // if the server reads its format too
const QUALITY = 0.9       // of what is encoded again; JPEG where it can be, as WebP takes ten times as long

const video = element.querySelector('video')
const input = element.querySelector('input')

const encoded = blob => new Promise((resolve, reject) => {
  const reader = new FileReader()
  reader.onload = () => resolve(reader.result)
  reader.onerror = () => reject(reader.error)
  reader.readAsDataURL(blob)
})

// Returns a canvas with the picture, or with the part of it that starts at (left, top).
function shrunk(image, width = image.width, height = image.height, left = 0, top = 0) {
  const scale = Math.min(1, LONGEST / Math.max(width, height))
  const copy = document.createElement('canvas')
  copy.width = Math.max(1, Math.round(width * scale))
  copy.height = Math.max(1, Math.round(height * scale))
  copy.getContext('2d').drawImage(image, left, top, width, height, 0, 0, copy.width, copy.height)
  return copy
}

function put(image, url) {
  rest()
  enter({strokes: [], photo: {image, url}})
  changed(true)
}

async function show(file) {
  if (!file) return
  stop()
  let image, url
  try {
    const bitmap = await createImageBitmap(file)
    image = shrunk(bitmap)
    bitmap.close()
    url = file.size <= AS_IT_IS && KNOWN.test(file.type)
      ? await encoded(file) : image.toDataURL(file.type === 'image/jpeg' ? file.type : 'image/webp', QUALITY)
  } catch {  // not for this browser; the server may still know the format, or say what is wrong
    if (file.size > props.max_picture) return say('This picture is too large to send.')
    image = blankSquare(1)
    url = (await encoded(file)).replace(/^data:[^;,]*/, 'data:image/unknown')
  }
  put(image, url)
}

const say = text => document.dispatchEvent(new CustomEvent('pad-note', {detail: text}))

input.addEventListener('change', () => { show(input.files[0]); input.value = '' })

document.addEventListener('paste', event => {
  const file = [...event.clipboardData.files].find(each => each.type.startsWith('image/'))
  if (!file) return
  event.preventDefault()
  show(file)
})

for (const name of ['dragenter', 'dragover', 'dragleave', 'drop']) {
  element.addEventListener(name, event => {
    event.preventDefault()
    element.classList.toggle('over', name === 'dragenter' || name === 'dragover')
    if (name !== 'drop') return
    const [file] = event.dataTransfer.files
    if (file) show(file)
    else say('Only picture files can be dropped here; save the picture first.')
  })
}

async function camera() {
  if (video.srcObject) {
    const {videoWidth: width, videoHeight: height} = video, side = Math.min(width, height)
    const frame = shrunk(video, side, side, (width - side) / 2, (height - side) / 2)  // the square that is shown
    stop()
    return put(frame, frame.toDataURL('image/jpeg', QUALITY))
  }
  try {
    video.srcObject = await navigator.mediaDevices.getUserMedia({video: {facingMode: 'environment'}})
  } catch {
    return say('The camera cannot be used: there is none, or the browser does not allow it.')
  }
  await video.play()
  film(true)
}

function film(on) {
  video.hidden = !on
  element.classList.toggle('filming', on)
  button('camera').lastElementChild.textContent = on ? 'Take it' : 'Camera'
  button('clear').lastElementChild.textContent = on ? 'Cancel' : 'Clear'
  redraw()
}

function stop() {
  if (!video.srcObject) return false
  for (const track of video.srcObject.getTracks()) track.stop()
  video.srcObject = null
  film(false)
  return true
}

button('undo').addEventListener('click', undo)
button('clear').addEventListener('click', () => stop() || clear())
button('choose').addEventListener('click', () => input.click())
button('camera').addEventListener('click', camera)
button('camera').hidden = !navigator.mediaDevices
element.addEventListener('keydown', event => { if (event.key === 'Escape') stop() })
document.addEventListener('visibilitychange', () => { if (document.hidden) stop() })
