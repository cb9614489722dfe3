// Runs in a function of Gradio's: element, props, trigger and watch are its arguments.
const PERCENT = new Intl.NumberFormat('en', {style: 'percent', minimumFractionDigits: 1, maximumFractionDigits: 1})
const SIDE = 28           // px, of what the network sees
const SPOKEN_AFTER = 700  // ms without change before the answer is read out
const ROW = 13            // characters in a row of the chart, half an alphabet
const HINT = 'The fuller a tile, the surer the network.'
const LATER = 'Here you will see what the network sees.'

const part = name => element.querySelector('.' + name)
const make = (tag, name, text = '') => Object.assign(document.createElement(tag), {className: name, textContent: text})

let tiles = new Map()     // character -> tile of the chart
let since = 0             // turn of the last clear: answers to earlier ones are stale
let speaker = 0

function percent(p) {  // a tenth of a percent, but never "100.0 %" or "0.0 %" for what is not quite so
  if (p > 0.9995 && p < 1) return '> 99.9 %'
  if (p > 0 && p < 0.0005) return '< 0.1 %'
  return PERCENT.format(p).replace('%', ' %')
}

function ranked(labels, probabilities) {
  return labels.map((label, i) => [label, probabilities[i]]).sort((a, b) => b[1] - a[1])
}

// The chart: a tile a character, in the order digits, capitals, small letters, each row half an alphabet long.

function rows(labels) {
  const kinds = [/[0-9]/, /[A-Z]/, /[a-z]/].map(kind => labels.filter(label => kind.test(label)))
  return kinds.flatMap(kind => kind.length > ROW ? [kind.slice(0, ROW), kind.slice(ROW)] : [kind]).filter(row => row.length)
}

function lay(labels) {
  if (labels.join() === [...tiles.keys()].join()) return
  tiles = new Map(labels.map(label => [label, tile(label)]))
  for (const row of rows(labels)) tiles.get(row[0]).classList.add('first')
  part('grid').replaceChildren(...rows(labels).flat().map(label => tiles.get(label)))
}

function tile(label) {
  const item = make('li', 'tile')
  const face = make('button', '', label)
  Object.assign(face, {type: 'button', disabled: true})
  face.addEventListener('click', () => correct(label))
  item.append(make('i', 'bar'), face)
  return item
}

function fill(labels, probabilities) {
  const best = Math.max(...probabilities)
  labels.forEach((label, i) => {
    const item = tiles.get(label), p = probabilities[i]
    item.style.setProperty('--p', p)
    item.classList.toggle('best', p === best && p > 0)
    item.title = `${label}: ${percent(p)}`
    item.lastElementChild.setAttribute('aria-label', `${label}: ${percent(p)}`)
  })
}

// The best five, one block a model.

function block(count) {
  const models = part('models')
  while (models.children.length < count) {
    const model = make('div', 'model')
    const list = make('ol', 'top')
    for (let i = 0; i < 5; i++) {
      const row = make('li', '')
      const bar = make('span', 'track')
      bar.append(make('i', 'bar'))
      row.append(make('b', ''), bar, make('span', 'share'))
      list.append(row)
    }
    model.append(make('h3', 'name'), make('div', 'glyph'), list, make('p', 'remark'))
    models.append(model)
  }
  while (models.children.length > count) models.lastChild.remove()
  models.classList.toggle('several', count > 1)
  return [...models.children]
}

function remark(model, best) {
  if (!model.is_character) return 'This does not look like one character.'
  if (!model.lookalikes) return ''
  const [last, ...others] = [...model.lookalikes].reverse()
  return `${others.reverse().join(', ')} or ${last}? They look alike; together ${percent(model.together)}.`
}

function tell(model, node, labels) {
  const top = ranked(labels, model.probabilities).slice(0, 5)
  node.querySelector('.name').textContent = model.name
  node.querySelector('.glyph').textContent = model.is_character ? top[0][0] : '?'
  node.querySelector('.remark').textContent = remark(model, top[0])
  node.classList.toggle('unsure', !model.is_character)
  node.querySelectorAll('.top li').forEach((row, i) => {
    row.hidden = i >= top.length
    if (row.hidden) return
    const [label, p] = top[i]
    row.querySelector('b').textContent = label
    row.style.setProperty('--p', p)
    row.querySelector('.share').textContent = percent(p)
  })
}

// The steps from the picture to the pixels, the last of them with the heat of the network's attention over it.

function step({caption, image, pixels}) {
  const figure = make('figure', pixels ? 'pixels' : '')
  const frame = make('div', 'frame')
  frame.append(Object.assign(make('img', ''), {src: image, alt: ''}))
  figure.append(frame, make('figcaption', '', caption))
  return figure
}

function heat(encoded) {
  const canvas = Object.assign(make('canvas', 'heat'), {width: SIDE, height: SIDE})
  const context = canvas.getContext('2d')
  const image = context.createImageData(SIDE, SIDE)
  const bytes = Uint8Array.from(atob(encoded), c => c.charCodeAt(0))
  bytes.forEach((value, i) => image.data.set([255, 92, 26, value * 0.85], i * 4))
  context.putImageData(image, 0, 0)
  return canvas
}

function walk(steps, attention) {
  const figures = steps.map(step)
  if (attention) figures.at(-1)?.firstChild.append(heat(attention))
  part('steps').replaceChildren(...figures.length ? figures : [make('p', 'later', LATER)])
}

// Corrections: the chart becomes the choice of what it was.

function choose(open, text = HINT) {
  part('chart').classList.toggle('choosing', open)
  part('correct').setAttribute('aria-expanded', open)
  part('correct').textContent = open ? 'Cancel' : 'Not right?'
  part('foot').firstElementChild.textContent = text
  for (const item of tiles.values()) item.lastElementChild.disabled = !open
}

part('correct').addEventListener('click', () => {
  const open = !part('chart').classList.contains('choosing')
  choose(open, open ? `What was it? ${props.promise}` : HINT)
  if (open) tiles.values().next().value.lastElementChild.focus()
})

function correct(label) {
  choose(false)
  trigger('correct', {label})
}

function speak(text) {
  clearTimeout(speaker)
  speaker = setTimeout(() => { part('spoken').textContent = text }, SPOKEN_AFTER)
}

function summary(value) {
  return value.models.map(model => {
    const [[first, p], [second, q]] = ranked(value.labels, model.probabilities)
    const doubt = model.is_character ? '' : 'This does not look like one character. '
    return `${doubt}${first}, ${percent(p)}. Then ${second}, ${percent(q)}.`
  }).join(' ')
}

function display(value) {
  if (value.status === 'remark') return choose(false, value.note)
  choose(false)
  if (value.labels.length) lay(value.labels)
  element.dataset.status = value.status
  element.dataset.turn = value.turn
  part('note').textContent = value.note ?? ''
  if (value.status === 'read') {
    const nodes = block(value.models.length)
    value.models.forEach((model, i) => tell(model, nodes[i], value.labels))
    fill(value.labels, value.models[0].probabilities)
    walk(value.steps, value.attention)
    return speak(summary(value))
  }
  fill([...tiles.keys()], [...tiles.keys()].map(() => 0))
  walk([], null)
  speak(value.note ?? 'Cleared.')
}

function thumbnail({name, strokes}) {
  const face = make('button', 'example')
  const paths = strokes.map(points => 'M' + points.map(([x, y]) => `${x * 48} ${y * 48}`).join('L')).join('')
  face.innerHTML = `<svg viewBox="0 0 48 48" aria-hidden="true"><path d="${paths}"/></svg>`
  Object.assign(face, {type: 'button', title: `Draw ${name}`})
  face.setAttribute('aria-label', `Draw ${name} as an example`)
  face.addEventListener('click', () => document.dispatchEvent(new CustomEvent('pad-play', {detail: strokes})))
  return face
}

element.classList.toggle('correctable', Boolean(props.promise))
part('examples').append(...props.examples.map(thumbnail))

document.addEventListener('pad-blank', ({detail: turn}) => {
  since = turn
  display({status: 'blank', turn, labels: []})
})

document.addEventListener('pad-note', ({detail: text}) => display({status: 'note', turn: since, labels: [], note: text}))

watch('value', () => { if (props.value.turn >= since) display(props.value) })
display(props.value)
