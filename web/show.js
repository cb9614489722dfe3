// Shows each answer as it comes.  Follows chart.js in the same function.
const SPOKEN_AFTER = 700  // ms without change before the answer is read out
const LATE = 'The server is busy or away. Asking again…'

let shown = ''   // turn of the answer that is shown, and whether it comes with attention
let speaker = 0

function speak(text) {
  clearTimeout(speaker)
  speaker = setTimeout(() => { part('spoken').textContent = text }, SPOKEN_AFTER)
}

function summary({models}) {
  return models.map(model => {
    const name = models.length > 1 ? `${model.name}: ` : ''
    if (model.note) return `${name}${model.note}`
    const [[first, p], [second, q] = []] = ranked(model).filter(([label]) => allows(label))
    const doubt = model.is_character ? '' : 'This does not look like one character. '
    return `${name}${doubt}${first}, ${percent(p)}.${second ? ` Then ${second}, ${percent(q)}.` : ''}`
  }).join(' ')
}

function display(value) {
  if (value.status === 'remark') return ask(false, value.note)
  element.classList.remove('late')
  document.dispatchEvent(new CustomEvent('pad-answered', {detail: value.turn}))
  if (correcting) ask(false)
  const state = [value.turn, Boolean(value.attention)].join()
  if (state !== shown) element.classList.remove('large')
  shown = state
  const first = value.models?.find(model => !model.note)
  subject = value.models?.length > 1 ? first.name : ''
  if (value.labels.length) lay(value.labels)
  element.dataset.status = value.status
  element.dataset.turn = value.turn
  part('note').textContent = value.note ?? ''
  mark()
  if (value.status === 'read') {
    const nodes = block(value.models.length)
    value.models.forEach((model, i) => tell(model, nodes[i], nodes.length > 1))
    fill(first.labels, first.probabilities)
    walk(value.steps, value.attention)
    return speak(summary(value))
  }
  fill([...tiles.keys()], Array(tiles.size).fill(0))
  walk(null, null)
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

document.addEventListener('pad-pen', ({detail: down}) => { drawing = down })

document.addEventListener('pad-blank', ({detail: turn}) => {
  since = turn
  display({status: 'blank', turn, labels: []})
})

document.addEventListener('pad-note', ({detail: text}) => display({status: 'note', turn: since, labels: [], note: text}))

document.addEventListener('pad-late', () => {  // what is shown is the answer to an earlier state of the pad
  element.classList.add('late')
  mark(LATE)
  speak(LATE)
})

watch('value', () => {
  if (props.value.turn < since) return
  since = props.value.turn
  display(props.value)
})
display(props.value)
