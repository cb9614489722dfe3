// The chart: a tile a character, in the order digits, capitals, small letters, each row half an alphabet long.  Its tiles
// also say what the character may be, or what it was.  Follows answer.js in the same function.
const ROW = 13  // characters in a row, half an alphabet
const PICK = 'Mark the characters it may be.'

let tiles = new Map()     // character -> tile
let places = []           // rows of characters, as laid out
let only = ''             // "", "digits", "letters", or the characters themselves
let picking = false       // whether the visitor marks a set
let correcting = false    // whether the visitor says what it was
let subject = ''          // whose confidences are shown, where there are several models

const faces = () => [...tiles.values()].map(item => item.lastElementChild)

function rows(labels) {
  const kinds = [/[0-9]/, /[A-Z]/, /[a-z]/].map(kind => labels.filter(label => kind.test(label)))
  return kinds.flatMap(kind => kind.length > ROW ? [kind.slice(0, ROW), kind.slice(ROW)] : [kind]).filter(row => row.length)
}

function lay(labels) {
  if (labels.join() === [...tiles.keys()].join()) return
  tiles = new Map(labels.map(label => [label, tile(label)]))
  places = rows(labels)
  for (const row of places) tiles.get(row[0]).classList.add('first')
  part('grid').replaceChildren(...places.flat().map(label => tiles.get(label)))
  faces()[0].tabIndex = 0
  mark()
}

function tile(label) {
  const item = make('li', 'tile')
  const face = make('button', '', label)
  Object.assign(face, {type: 'button', disabled: true, tabIndex: -1})
  face.addEventListener('click', () => correcting ? correct(label) : pick(label))
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
    item.lastElementChild.setAttribute('aria-label', item.title)
  })
}

const allows = label =>
  !only || (only === 'digits' ? /\d/.test(label) : only === 'letters' ? /\D/.test(label) : only.includes(label))

// What the tiles do and say now.
function mark(text) {
  const chart = part('chart'), active = picking || correcting
  chart.classList.toggle('active', active)
  chart.classList.toggle('choosing', correcting)
  chart.classList.toggle('picking', picking && !correcting)
  for (const [label, item] of tiles) {
    const face = item.lastElementChild
    item.classList.toggle('out', !correcting && !allows(label))
    face.disabled = !active
    if (picking && !correcting) face.setAttribute('aria-pressed', Boolean(only) && allows(label))
    else face.removeAttribute('aria-pressed')
  }
  part('correct').setAttribute('aria-expanded', correcting)
  part('correct').textContent = correcting ? 'Cancel' : 'Not right?'
  part('foot').firstElementChild.textContent = text ?? hint()
}

function hint() {
  if (correcting) return `What was it? ${props.promise}`
  if (picking) return only ? `Only ${[...only].join(' ')}` : PICK
  return subject ? `Tiles and pictures: ${subject}` : 'The fuller a tile, the likelier.'
}

function pick(label) {
  const set = new Set(only)
  set.delete(label) || set.add(label)
  document.dispatchEvent(new CustomEvent('only-own', {detail: places.flat().filter(each => set.has(each)).join('')}))
}

document.addEventListener('only', ({detail}) => {
  const opened = detail.picking && !picking
  ;({only, picking} = detail)
  correcting = false
  element.classList.toggle('large', picking && (opened || element.classList.contains('large')))
  mark()
})

// Corrections: what was it?

function ask(open, text) {
  correcting = open
  element.classList.toggle('large', open)
  mark(text)
}

part('correct').addEventListener('click', () => {
  ask(!correcting)
  if (correcting) faces().find(face => face.tabIndex === 0).focus()
})

function correct(label) {
  ask(false)
  part('correct').focus()
  trigger('correct', {label})
}

// Arrow keys go from tile to tile, and a character's own key to its tile, so that the chart is one stop of the tab key.

function neighbour(label, key) {
  const order = places.flat(), y = places.findIndex(row => row.includes(label)), x = places[y].indexOf(label)
  const row = places[y + {ArrowUp: -1, ArrowDown: 1}[key]]
  if (row) return row[Math.min(x, row.length - 1)]
  if (key === 'Home' || key === 'End') return order.at(key === 'End' ? -1 : 0)
  return order[order.indexOf(label) + {ArrowLeft: -1, ArrowRight: 1}[key]] ?? [key, key.toUpperCase()].find(each => tiles.has(each))
}

part('grid').addEventListener('keydown', event => {
  if (event.key === 'Escape' && correcting) return part('correct').click(), part('correct').focus()
  if (event.ctrlKey || event.metaKey || event.altKey) return
  const next = tiles.get(neighbour(event.target.textContent, event.key))?.lastElementChild
  if (!next) return
  event.preventDefault()
  next.focus()
})

part('grid').addEventListener('focusin', event => {
  for (const face of faces()) face.tabIndex = face === event.target ? 0 : -1
})
