// Runs in a function of Gradio's: element, props and trigger are its arguments.  Strokes are kept as vectors in units of
// the canvas side, so that a resize or a rotation redraws them and nothing is lost.
const PEN = 0.07          // stroke width in canvas sides: about 13 % of a letter that fills half the pad, as in EMNIST
const SENT = 200          // px, side of the picture of a drawing that is sent
const EVERY = 120         // ms, least time between two pictures sent while drawing
const STEP = 0.03         // canvas sides that an arrow key moves the pen
const PATIENCE = 4000     // ms without an answer before the page says so and asks again; then twice as long, and so on
const STORE = 'drawing'   // name in the session's storage, which the browser empties when the tab is closed

const STILL = matchMedia('(prefers-reduced-motion: reduce)')

const canvas = element.querySelector('canvas')
const context = canvas.getContext('2d')
const button = name => element.querySelector(`[data-do=${name}]`)

let state = {strokes: [], photo: null}  // never changed in place but for the stroke being drawn
let past = []                           // earlier states, for undo
let pointer = null                      // id of the pointer that draws
let pen = null                          // {x, y, down} of the keyboard's pen
let turn = 0, timer = 0, sent = 0, player = 0, waiting = 0

const blank = () => !state.strokes.length && !state.photo

function paint(target, side, strokes) {
  target.lineCap = target.lineJoin = 'round'
  target.lineWidth = PEN * side
  for (const points of strokes) {
    target.beginPath()
    target.moveTo(points[0][0] * side, points[0][1] * side)
    for (let i = 1; i < points.length - 1; i++) {  // through the midpoints, so that corners of the sampling vanish
      const [x, y] = points[i], [u, v] = points[i + 1]
      target.quadraticCurveTo(x * side, y * side, (x + u) / 2 * side, (y + v) / 2 * side)
    }
    const [x, y] = points[points.length - 1]
    target.lineTo(x * side, y * side)
    target.stroke()
  }
}

function redraw() {
  const side = canvas.width, style = getComputedStyle(canvas)
  context.clearRect(0, 0, side, side)
  if (state.photo) {
    const {width, height} = state.photo.image
    const scale = side / Math.max(width, height)
    context.drawImage(state.photo.image, (side - width * scale) / 2, (side - height * scale) / 2, width * scale, height * scale)
  }
  context.strokeStyle = style.color
  paint(context, side, state.strokes)
  if (pen) {
    context.fillStyle = style.accentColor
    context.beginPath()
    context.arc(pen.x * side, pen.y * side, PEN * side * (pen.down ? 0.6 : 0.35), 0, 7)
    context.fill()
  }
  document.dispatchEvent(new CustomEvent('pad-pen', {detail: pointer !== null || Boolean(player || pen?.down)}))
  element.classList.toggle('blank', blank())
  button('undo').disabled = !past.length
  button('clear').disabled = blank() && !element.classList.contains('filming')
}

function picture() {
  if (state.photo) return state.photo.url
  if (!state.strokes.length) return null
  const copy = blankSquare(SENT)
  const target = copy.getContext('2d')
  target.fillStyle = '#fff'
  target.fillRect(0, 0, SENT, SENT)
  target.strokeStyle = '#000'
  paint(target, SENT, state.strokes)
  return copy.toDataURL('image/png')
}

function blankSquare(side) {
  return Object.assign(document.createElement('canvas'), {width: side, height: side})
}

function send() {
  clearTimeout(timer)
  timer = 0
  sent = performance.now()
  turn += 1
  element.dataset.turn = turn  // the answer carries the same number when it has caught up
  remember()
  ask()
  if (!waiting) wait(PATIENCE)
  if (blank()) document.dispatchEvent(new CustomEvent('pad-blank', {detail: turn}))
}

function ask() {
  props.value = {turn, picture: picture()}
  trigger('input')
}

function wait(patience) {  // from the first picture without an answer on, however many follow
  waiting = setTimeout(() => {
    document.dispatchEvent(new CustomEvent('pad-late'))
    ask()
    wait(2 * patience)
  }, patience)
}

document.addEventListener('pad-answered', ({detail}) => {
  clearTimeout(waiting)
  waiting = 0
  if (detail !== turn) wait(PATIENCE)
})

// A reload keeps what is on the pad: Gradio reloads the page by itself when a lost server is back, and phones do with old
// tabs.
function remember() {
  const kept = JSON.stringify({strokes: state.strokes, url: state.photo?.url})
  try {
    sessionStorage.removeItem(STORE)  // so that nothing older comes back in place of a picture too large to keep
    sessionStorage.setItem(STORE, kept)
  } catch {}  // not everybody allows it
}

function recall() {
  let kept = null
  try { kept = JSON.parse(sessionStorage.getItem(STORE)) } catch {}
  state.strokes = kept?.strokes ?? []
  if (!blank()) setTimeout(send)
  if (!kept?.url) return
  const image = new Image()
  const back = picture => { if (blank()) put(picture, kept.url) }
  image.onload = () => back(shrunk(image))
  image.onerror = () => back(blankSquare(1))  // a format that the server alone knows
  image.src = kept.url
}

function changed(now = false) {
  redraw()
  if (now) send()
  else if (!timer) timer = setTimeout(send, Math.max(0, sent + EVERY - performance.now()))
}

function enter(next) {
  past.push(state)
  state = next
}

function undo() {
  if (!past.length) return
  rest()
  pointer = pen = null
  state = past.pop()
  changed(true)
}

function clear() {
  if (blank()) return
  rest()
  pointer = pen = null
  enter({strokes: [], photo: null})
  changed(true)
}

function rest() {
  cancelAnimationFrame(player)
  player = 0
}

function begin(point) {
  rest()
  enter({strokes: [...state.strokes, [point]], photo: null})
}

const extend = point => state.strokes[state.strokes.length - 1].push(point)

function place(event) {
  const box = canvas.getBoundingClientRect()
  return [(event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height]
}

canvas.addEventListener('pointerdown', event => {
  if (pointer !== null || event.button !== 0) return
  event.preventDefault()
  canvas.focus({preventScroll: true, focusVisible: false})
  canvas.setPointerCapture(event.pointerId)
  pointer = event.pointerId
  pen = null
  begin(place(event))
  changed()
})

canvas.addEventListener('pointermove', event => {
  if (event.pointerId !== pointer) return
  const events = event.getCoalescedEvents?.() ?? []
  for (const each of events.length ? events : [event]) extend(place(each))
  changed()
})

for (const name of ['pointerup', 'pointercancel', 'lostpointercapture']) {
  canvas.addEventListener(name, event => {
    if (event.pointerId !== pointer) return
    pointer = null
    changed(true)
  })
}

canvas.addEventListener('touchstart', event => event.preventDefault(), {passive: false})  // older iOS scrolls otherwise

const ARROWS = {ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1]}

function keyboard(event) {
  if ((event.ctrlKey || event.metaKey) && event.key === 'z') undo()
  else if (event.key === 'Delete' || event.key === 'Backspace') clear()
  else if (ARROWS[event.key]) move(...ARROWS[event.key])
  else if (event.key === ' ') press()
  else return
  event.preventDefault()
}

function move(dx, dy) {
  pen ??= {x: 0.5, y: 0.5, down: false}
  pen.x = Math.min(1, Math.max(0, pen.x + dx * STEP))
  pen.y = Math.min(1, Math.max(0, pen.y + dy * STEP))
  if (!pen.down) return redraw()
  extend([pen.x, pen.y])
  changed()
}

function press() {
  pen ??= {x: 0.5, y: 0.5, down: false}
  pen.down = !pen.down
  if (!pen.down) return changed(true)
  begin([pen.x, pen.y])
  changed()
}

canvas.addEventListener('keydown', keyboard)
canvas.addEventListener('blur', () => {
  if (pen?.down) press()
  pen = null
  redraw()
})

// An example is drawn stroke by stroke, as a hand would, and recognised on the way.
document.addEventListener('pad-play', ({detail: strokes}) => {
  rest()
  enter({strokes: [], photo: null})
  const points = strokes.flatMap(stroke => stroke.map((point, j) => ({point, first: j === 0})))
  const whole = STILL.matches ? 1 : Math.min(1100, 400 + 350 * strokes.length)  // ms for all of it
  const start = performance.now()
  let drawn = 0
  const step = now => {
    const due = Math.min(points.length, Math.max(1, Math.ceil((now - start) / whole * points.length)))
    for (const {point, first} of points.slice(drawn, due)) {
      if (first) state = {strokes: [...state.strokes, [point]], photo: null}
      else extend(point)
    }
    drawn = due
    player = drawn < points.length ? requestAnimationFrame(step) : 0
    changed(!player)
  }
  player = requestAnimationFrame(step)
})

new ResizeObserver(() => {
  const side = Math.round(canvas.clientWidth * devicePixelRatio)
  if (!side || side === canvas.width) return
  canvas.width = canvas.height = side
  redraw()
}).observe(canvas)
new MutationObserver(redraw).observe(document.body, {attributeFilter: ['class']})  // dark mode comes and goes
recall()
redraw()
