// Pictures: chosen, dropped, pasted or taken.  Follows sketchpad.js in the same function.
const LONGEST = 1024      // px, longer side of a photo that is sent
const AS_IT_IS = 1e6      // bytes up to which a picture file is sent unchanged

const video = element.querySelector('video')
const input = element.querySelector('input')

const encoded = blob => new Promise((resolve, reject) => {
  const reader = new FileReader()
  reader.onload = () => resolve(reader.result)
  reader.onerror = () => reject(reader.error)
  reader.readAsDataURL(blob)
})

function shrunk(image) {
  const scale = Math.min(1, LONGEST / Math.max(image.width, image.height))
  const copy = document.createElement('canvas')
  copy.width = Math.max(1, Math.round(image.width * scale))
  copy.height = Math.max(1, Math.round(image.height * scale))
  copy.getContext('2d').drawImage(image, 0, 0, copy.width, copy.height)
  return copy
}

async function show(file) {
  if (!file) return
  let image, url
  try {
    image = shrunk(await createImageBitmap(file))
    url = file.size <= AS_IT_IS ? await encoded(file) : image.toDataURL('image/webp', 0.9)
  } catch {  // not for this browser; the server may still know the format, or say what is wrong
    if (file.size > props.max_picture) return say('This picture is too large to send.')
    image = blankSquare(1)
    url = (await encoded(file)).replace(/^data:[^;,]*/, 'data:image/unknown')
  }
  cancelAnimationFrame(player)
  enter({strokes: [], photo: {image, url}})
  changed(true)
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
    if (name === 'drop') show(event.dataTransfer.files[0])
  })
}

async function camera() {
  if (video.srcObject) {
    const frame = shrunk(Object.assign(video, {width: video.videoWidth, height: video.videoHeight}))
    await new Promise(resolve => frame.toBlob(blob => resolve(show(blob)), 'image/webp', 0.9))
    return stop()
  }
  try {
    video.srcObject = await navigator.mediaDevices.getUserMedia({video: {facingMode: 'environment'}})
  } catch {
    return say('The camera cannot be used: there is none, or the browser does not allow it.')
  }
  await video.play()
  video.hidden = false
  button('camera').lastElementChild.textContent = 'Take it'
}

function stop() {
  video.srcObject?.getTracks().forEach(track => track.stop())
  video.srcObject = null
  video.hidden = true
  button('camera').lastElementChild.textContent = 'Camera'
}

button('clear').addEventListener('click', stop)
button('choose').addEventListener('click', () => input.click())
button('camera').addEventListener('click', camera)
button('camera').hidden = !navigator.mediaDevices
