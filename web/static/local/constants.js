// Numbers that the way to 28×28 shares with its twin in Python, `emnist`: both read one file.  In the source tree
// it lies there, where tests find it; `python -m train deploy --static` puts a copy beside this module.

const here = new URL(import.meta.url)
const inTree = here.protocol === 'file:'
const file = new URL(inTree ? '../../../emnist/constants.json' : 'constants.json', here)
const node = 'node:fs/promises' // never imported in a browser
const read = inTree ? JSON.parse(await (await import(node)).readFile(file, 'utf8')) : await (await fetch(file)).json()

/** @type {{LOOKALIKES: string[]}} */
export const LABELS = read.labels
/** @type {{SIDE: number, MARGIN: number, BORDER: number, TAPS: number, SIGMA: number}} */
export const CONVERT = read.convert
/** @type {{PEN: [number, number], RAW_SIDE: number}} */
export const PENS = read.pens
/** @type {{PEN: number, LEAST_PEN: number}} */
export const DRAWING = read.drawing
/**
 * @type {Record<'TALL' | 'PAIR' | 'ALONG' | 'MEETS' | 'COLUMN' | 'SMALL' | 'OFF' | 'STEEP' | 'PAIRS', number> &
 *   Record<'POINT' | 'COMMA' | 'CLEAR' | 'LOW' | 'HANGS' | 'FLAT' | 'LONG' | 'BY' | 'THROUGH', number> &
 *   Record<'HYPHEN' | 'BULLET' | 'MIDDLE', [number, number]>}
 */
export const MARKS = read.marks
/**
 * @type {Record<'SHRUNK' | 'LEAST' | 'HOLDS' | 'ROOMIEST' | 'FILLED' | 'MEANT' | 'ALIKE' | 'MOST' | 'OVERLAP' | 'CUT_OFF', number> &
 *   Record<'ASTRAY' | 'LARGE' | 'KEEPS' | 'MUCH' | 'SPREADS' | 'SAME_ROW' | 'GAP' | 'AS_WIDE' | 'TALL', number> & {ASPECT: [number, number]}}
 */
export const BOXES = read.boxes
/** @type {{FINE: number, PEN: number}} */
export const SCENES = read.scenes
/** @type {Record<'HIGH' | 'SIDE' | 'LOWEST' | 'MARGIN' | 'LONGEST' | 'STEP', number> & {CLASSES: string}} */
export const SEQUENCE = read.sequence
/** @type {{SPECK: number}} */
export const PARTING = read.parting
/** @type {{SPACE: number}} */
export const READING = read.reading
