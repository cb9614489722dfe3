"""Which ink on a sheet is writing, and which is type beside it."""

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from emnist.picture.arrays import Bytes, Doubles, Floats, Mask, connected, sides, weighted_median
from emnist.text import boxes, layers, pieces
from emnist.text.surroundings import AS_HIGH

SURELY = 3.5  # least mean log-odds of type, of a word with parts as high as the writing, that is left out as type
CERTAINLY = 5.5  # the same, below which what was left out may be writing after all: nearly all print has more
# Least mean log-odds of type, beyond those of most ink and at all, of a word before writing: in the same ink,
# in a darker or paler one, in one of another colour.
CAPTION = (5.0, 1.0), (4.0, -2.0), (1.0, -2.5)
LISTED = 1.5  # the first of these, of a word that begins below or above such words
DARKER = 1.3  # least ratio of contrasts of two inks
TINTED = 0.5  # least difference of their colours, as `_inks` returns them
LOGS = np.log(np.maximum(np.arange(256, dtype=np.float32), 1))  # of the values of a pixel
SAMPLE = np.s_[::8, ::8]  # of all pixels: enough to tell the colour of the paper
WORD = 1.0, 2.0  # least width and greatest height of what it stands before, in heights of writing: no 1, no ring
LETTER_GAP = 0.5  # greatest gap between letters of a word, in heights of the writing


def by_hand(even: Floats, pixels: Bytes, ink: Mask, seen: layers.Layers, form: boxes.Boxes | None) -> tuple[Mask, bool]:
    """Return the `ink` (H, W) that is written by hand or stands in boxes, or what is typed if there are neither.

    Regular handwriting looks like type, so a word that may be type stays where it is as high as the writing.  `even`
    (H, W) is the contrast of `pixels` (H, W, 3).  Also return whether something that was left out may be writing
    nevertheless.
    """
    wanted = seen.writing if form is None else seen.writing | form.enclosed
    labels, count = connected(ink & (wanted | seen.type))
    areas = np.bincount(labels.ravel(), minlength=count + 1)
    own = np.bincount(labels.ravel(), wanted.ravel(), count + 1) > areas / 2
    own[0] = False
    if not own.any():
        if not count or (form is not None and form.enclosed.any()):
            return np.zeros_like(ink), False
        own[1:] = True  # a page of type is read as if it were written, and so is writing that looks like type
    high = sides(labels)[:, 0]
    usual = weighted_median(high[own[1:]], areas[1:][own[1:]])
    alike = np.append(False, _unlike(_inks(even, pixels, labels), areas[1:] * own[1:]) == 0)[labels]
    beside = _beside(_words(labels > 0, alike, usual), labels, own, high, usual)
    as_high = ~own & np.append(False, (high > AS_HIGH[0] * beside) & (high < AS_HIGH[1] * beside))
    words = _words(~own[labels] & (labels > 0), alike, usual)
    unsure, odds = as_high[labels], np.append(0.0, _means(seen.odds, words))[words]
    written = own[labels] | unsure & (odds < SURELY)
    words = _words(written if form is None else written & ~form.enclosed, alike, usual)
    captions, doubted = _captions(words, _inks(even, pixels, words), seen.odds, usual)
    lacking = unsure & (odds >= SURELY) & (odds < CERTAINLY)
    return written & ~captions, doubted or bool(lacking.any())


def _beside(words: NDArray[np.int32], labels: NDArray[np.int32], own: Mask, high: Doubles, usual: float) -> Doubles:
    """Return how high the highest writing is in the word of each part (N,) of the `labels` (H, W), or `usual` px.

    `words` (H, W) are numbered from 1, `own` (N + 1,) tells which parts are writing, and `high` (N,) how high each is.
    """
    number = np.zeros(len(own), int)
    number[labels] = words
    tall = np.zeros(number.max() + 1)
    np.maximum.at(tall, number[own], high[own[1:]])
    found = tall[number[1:]]
    return np.where(found > 0, found, usual)


def _captions(words: NDArray[np.int32], inks: Doubles, odds: Floats, high: float) -> tuple[Mask, bool]:
    """Return those of `words` (H, W) that are rather type than most ink and stand before some: captions, numbers.

    `inks` (N, 3) are theirs, `odds` (H, W) those of type; the writing is `high` px high.  The numbers of a list begin
    below each other: if most of them are not surely type, none is.  Also return whether one of these words may be
    writing nevertheless.
    """
    areas, likely = np.bincount(words.ravel())[1:], _means(odds, words)
    if len(areas) < 2 or len(areas) > pieces.MOST_WITH_DIRT:  # so much is dirt, or refused
        return np.zeros_like(words, bool), False
    beyond = likely - weighted_median(likely, areas)
    least = np.array(CAPTION)[_unlike(inks, areas)]
    sure = (np.stack([beyond, likely], axis=1) > least).all(axis=1)
    spans = [(y.start, y.stop, x.start, x.stop) for y, x in ndimage.find_objects(words)]
    top, foot, start, end = np.array(spans).T
    below = abs(start[:, None] - start) < LETTER_GAP * high
    typed = (2 * (below & sure).sum(axis=1) >= below.sum(axis=1)) & (beyond > LISTED)
    word = (end - start > WORD[0] * high) & (foot - top < WORD[1] * high) & ~typed
    middle = (top + foot)[:, None] / 2
    typed &= ((top < middle) & (middle < foot) & (start[:, None] < start) & word).any(axis=1)
    return np.append(False, typed)[words], bool((typed & sure & (beyond < CERTAINLY)).any())


def _inks(even: Floats, pixels: Bytes, words: NDArray[np.int32]) -> Doubles:
    """Return what ink (N, 3) each of the `words` (H, W) is in: the logarithm of its contrast, and its colour.

    The colour is how much redder and bluer than the paper it is, over its contrast.
    """
    ink = words > 0
    own, dark = words[ink], _means(even, words)
    tones = _tones(pixels[ink]) - np.median(_tones(pixels[SAMPLE]), axis=(0, 1))
    tint = [np.bincount(own, tone)[1:] / np.bincount(own)[1:] / dark for tone in tones.T]
    return np.stack([np.log(dark), *tint], axis=1)


def _tones(pixels: Bytes) -> Floats:
    """Return red and blue over green (…, 2) of `pixels` (…, 3), logarithms: light and shade do not change them."""
    logs = LOGS[pixels]
    tones: Floats = logs[..., ::2] - logs[..., 1:2]
    return tones


def _unlike(inks: Doubles, areas: NDArray[np.int_]) -> NDArray[np.int_]:
    """Tell how `inks` (N, 3) differ from most, of `areas` (N,) each: 0 hardly, 1 in contrast, 2 in colour."""
    away = inks - [weighted_median(column, areas) for column in inks.T]
    tinted = np.hypot.reduce(away[:, 1:], axis=1) > TINTED
    return np.where(tinted, 2, abs(away[:, 0]) > np.log(DARKER))


def _words(ink: Mask, alike: Mask, high: float) -> NDArray[np.int32]:
    """Return the words of `ink` (H, W), from 1 on, each either `alike` (H, W) or not: a caption may stand close by.

    A word is ink so near to each other that less than LETTER_GAP of the height of the writing, `high` px, is between.
    """
    found, count = np.zeros(ink.shape, np.int32), 0
    for one_ink in filter(np.any, (ink & alike, ink & ~alike)):
        words, more = connected(ndimage.maximum_filter(one_ink, (1, 1 + 2 * round(LETTER_GAP * high / 2))))
        found[one_ink] = words[one_ink] + count
        count += more
    return found


def _means(values: Floats, words: NDArray[np.int32]) -> Doubles:
    """Return the mean of `values` (H, W) in each of the `words` (H, W), 0 for paper."""
    ink = words > 0
    return np.bincount(words[ink], values[ink])[1:] / np.bincount(words[ink])[1:]
