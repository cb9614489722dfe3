// Runs in a function of Gradio's: element, props, trigger and watch are its arguments.
const PERCENT = new Intl.NumberFormat('en', {style: 'percent', minimumFractionDigits: 1, maximumFractionDigits: 1})
const SIDE = 28           // px, of what the network sees

const part = name => element.querySelector('.' + name)
const make = (tag, name, text = '') => Object.assign(document.createElement(tag), {className: name, textContent: text})

let since = 0             // turn of the last answer or clear: answers to earlier ones are stale
let drawing = false       // whether the pen is down

function percent(p) {  // a tenth of a percent, but never "100.0 %" or "0.0 %" for what is not quite so
  if (p > 0.9995 && p < 1) return '>\u00a099.9\u00a0%'
  if (p > 0 && p < 0.0005) return '<\u00a00.1\u00a0%'
  return PERCENT.format(p).replace('%', '\u00a0%')
}

function ranked({labels, probabilities}) {
  return labels.map((label, i) => [label, probabilities[i]]).sort((a, b) => b[1] - a[1])
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
    model.append(make('h2', 'name'), make('div', 'glyph'), list, make('p', 'remark'))
    models.append(model)
  }
  while (models.children.length > count) models.lastChild.remove()
  models.classList.toggle('several', count > 1)
  return [...models.children]
}

function remark(model, best, short) {
  if (model.note) return model.note
  if (!model.is_character) return drawing ? '' : short ? 'Not one character?' : `This does not look like one character. Perhaps ${best}?`
  if (!model.lookalikes) return ''
  const [last, ...others] = [...model.lookalikes].reverse()
  return `${others.reverse().join(', ')} or ${last}? ${short ? 'Together' : 'They look alike; together'} ${percent(model.together)}.`
}

function tell(model, node, short) {
  const top = ranked(model).filter(([label]) => allows(label)).slice(0, 5), sure = model.is_character
  node.querySelector('.name').textContent = model.name
  node.querySelector('.glyph').textContent = top.length && (sure || drawing) ? top[0][0] : '?'
  node.querySelector('.remark').textContent = remark(model, top[0]?.[0], short)
  node.classList.toggle('unsure', !sure)
  node.querySelectorAll('.top li').forEach((row, i) => {
    row.style.visibility = i < top.length ? 'visible' : 'hidden'
    if (i >= top.length) return
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
  if (image) frame.append(Object.assign(make('img', ''), {src: image, alt: ''}))
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
  const figures = (steps ?? props.captions.map(caption => ({caption}))).map(step)
  if (attention) figures.at(-1).firstChild.append(heat(attention))
  part('steps').classList.toggle('later', !steps)
  part('steps').replaceChildren(...figures)
}
