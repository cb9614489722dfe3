// What the page and those who answer it agree on; types alone, checked by `tsc --checkJs`.  An answerer is `server.js`,
// which asks the Gradio app, or `local.js`, which reads in the browser itself.

/**
 * A point of a stroke, [x, y], y down.  On the pad the origin is the sheet's middle and 1 is its shorter side; answerers
 * must not rely on either: only shape, relative size and place matter.
 * @typedef {[number, number]} Point
 */

/**
 * The points of one stroke, in the order the pen went; one point alone is a dot.
 * @typedef {Point[]} Stroke
 */

/**
 * What an answer should hold beside the confidences.  All are off while the pen moves: they cost time.
 * @typedef {object} Wishes
 * @property {boolean} [steps] the pictures on the way to 28×28, of the character in focus
 * @property {boolean} [attention] where the network looked to see what it answers, of the character in focus
 * @property {boolean} [maps] the network's feature maps, of the character in focus
 */

/**
 * What is on the sheet, and what is asked about it.  Either strokes or a picture; an empty sheet is never asked about.
 * @typedef {object} Question
 * @property {number} turn counted up by the page with every question; the answer carries it back
 * @property {Stroke[]} [strokes] the drawing
 * @property {Blob} [picture] an image file: upload, paste, drop or camera
 * @property {string} only "" for anything, "digits", "letters", or the characters to choose from
 * @property {boolean} several whether there may be more than one character; false: everything on the sheet is one
 * @property {number} [focus] index of the character that steps, attention and maps are of; the first without it
 * @property {Wishes} [want]
 */

/**
 * One character that was read.
 * @typedef {object} Character
 * @property {string} label the likeliest class, or the case of it that the neighbours tell ("c" for the class "C")
 * @property {number} confidence of `label`, in [0, 1]
 * @property {number[]} probabilities of every class, in the order of the answer's `labels`, summing to 1; 0 for what
 *   `only` leaves out
 * @property {boolean} isCharacter whether it looks like one character at all
 * @property {string} lookalikes the labels that look like the best two, themselves included ("0O"); "" if those are not
 *   alike
 * @property {[number, number, number, number]} [box] x0, y0, x1, y1: for strokes in their unit, for pictures in shares
 *   of width and height
 * @property {number} [line] which line of writing it stands in, from 0
 * @property {number[]} [strokes] indices of the strokes it is made of
 */

/**
 * One picture on the way to 28×28.
 * @typedef {object} Step
 * @property {'picture' | 'contrast' | 'ink' | 'pen' | 'image'} name `image` is what the network sees, 28×28
 * @property {number} width in pixels
 * @property {number} height in pixels
 * @property {Uint8Array | Uint8ClampedArray} values grey, row by row, width × height of them; all but `picture` have ink 255 on 0
 */

/**
 * The feature maps of one layer, after its ReLU.
 * @typedef {object} Layer
 * @property {number} channels
 * @property {number} side of a map: 14, 7 or 3 with the built-in network
 * @property {Uint8Array} values channels × side × side of them, 255 for the largest of the layer
 */

/**
 * How a further model reads the same; only where several models answer side by side, the first of which is the answer.
 * @typedef {object} Other
 * @property {string} name
 * @property {string[]} labels its classes
 * @property {Character[]} characters empty if it has none
 * @property {string} [note] why it has no answer
 */

/**
 * @typedef {object} Answer
 * @property {number} turn that of the question
 * @property {'read' | 'note'} status `note`: there is nothing to read, and `note` says why
 * @property {string} [note] a sentence for the visitor, in English; words.js may know it in the page's language
 * @property {string} [remark] something to say beside what was read, such as that it looks like joined writing
 * @property {string[]} labels the classes, in the order of the label map
 * @property {string} text what was read: lines, words; "" for a note
 * @property {number} confidence that all of `text` is right, in [0, 1]
 * @property {Character[]} characters in reading order; one of them where one character was read; empty for a note
 * @property {Other[]} [others]
 * @property {number} [focus] index of the character that steps, attention and maps are of
 * @property {Step[]} [steps]
 * @property {Uint8Array} [attention] 28×28 values, 255 where it looked most
 * @property {Layer[]} [maps] from the first layer to the last
 */

/**
 * What a visitor says a character was.
 * @typedef {object} Correction
 * @property {Question} question what was on the sheet: one character
 * @property {string} label a class, or "not a character"
 */

/**
 * Who answers.
 * @typedef {object} Answerer
 * @property {string[]} labels the classes, known once `state` is "ready"
 * @property {string[]} names of the models, the first of which fills the keys; one without a name is the built-in one
 * @property {'loading' | 'ready' | 'failed'} state
 * @property {string} [reason] what to do about a failure: a sentence for the visitor
 * @property {number} [progress] share of the way to "ready", in [0, 1], where it is known
 * @property {boolean} several whether it reads several characters at once
 * @property {((answerer: Answerer) => void) | null} onstate called whenever `state`, `progress` or `several` changes
 * @property {(question: Question, signal: AbortSignal) => Promise<Answer>} ask rejects with the signal's reason when it
 *   is aborted, and with an Error that speaks to the visitor when no answer can be had
 * @property {string[]} [notices] what there is to say about the models
 * @property {number[]} [quality] shares of test images read right, and right if look-alikes count
 * @property {string} [source] address of the source code
 * @property {'keptNone' | 'keptHere'} [fate] what becomes of what is written: a key of words.js
 * @property {string} [promise] what is done with corrections; without it none are taken
 * @property {(correction: Correction) => Promise<string>} [correct] returns why it was not kept, to be
 *   said to the visitor; "" where it was
 */

export {}
