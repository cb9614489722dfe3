"""Which ink on a sheet is writing, and which is type beside it."""

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from emnist.picture.arrays import Doubles, Floats, Mask, connected, sides, weighted_median
from emnist.text import boxes, layers, pieces
from emnist.text.surroundings import AS_HIGH

SURELY = 3.0  # least mean log-odds of type, of a word with parts as high as the writing, that is left out as type
CERTAINLY = 5.0  # the same, below which what was left out may be writing after all: nearly all print has more
CAPTION = 5.0, 0.0  # least mean log-odds of type, beyond those of most ink and at all, of a word before writing
PRINTED = 4.0, -2.0  # the same where its darkness is another than that of most ink,
DARKER = 1.3  # which it is from this ratio on
LISTED = 1.5  # the first of these, of a word that begins below or above such words
WORD = 1.0, 2.0  # least width and greatest height of what it stands before, in heights of writing: no 1, no ring
LETTER_GAP = 0.5  # greatest gap between letters of a word, in heights of the writing


def by_hand(even: Floats, ink: Mask, seen: layers.Layers, form: boxes.Boxes | None) -> tuple[Mask, bool]:
    """Return the `ink` (H, W) that is written by hand or stands in boxes, or what is typed if there are neither.

    Regular handwriting looks like type, so a word that may be type stays where it is as high as the writing.  `even`
    (H, W) is the contrast.  Also return whether something that was left out may be writing nevertheless.
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
    as_high = ~own & np.append(False, (high > AS_HIGH[0] * usual) & (high < AS_HIGH[1] * usual))
    unsure, odds = as_high[labels], np.zeros_like(even)
    dark = _means(even, labels)
    alike = np.append(False, _alike(dark, weighted_median(dark[own[1:]], areas[1:][own[1:]])))
    for one_ink in (alike, ~alike):  # of the same darkness: the first letters of a word are no part of its caption
        words = _words((one_ink & ~own)[labels] & (labels > 0), usual)
        odds += np.append(0.0, _means(seen.odds, words))[words]
    written = own[labels] | unsure & (odds < SURELY)
    captions, doubted = _captions(even, written if form is None else written & ~form.enclosed, seen.odds, usual)
    lacking = unsure & (odds >= SURELY) & (odds < CERTAINLY)
    return written & ~captions, doubted or bool(lacking.any())


def _captions(even: Floats, ink: Mask, odds: Floats, high: float) -> tuple[Mask, bool]:
    """Return the words of `ink` (H, W) that are rather type than most of it and stand before some: captions, numbers.

    `even` (H, W) is the contrast, `odds` (H, W) are those of type; the writing is `high` px high.  The numbers of a
    list begin below each other: if most of them are not surely type, none is.  Also return whether one of these words
    may be writing nevertheless.
    """
    words = _words(ink, high)
    areas, likely, dark = np.bincount(words[ink])[1:], _means(odds, words), _means(even, words)
    if len(areas) < 2 or len(areas) > pieces.MOST_WITH_DIRT:  # so much is dirt, or refused
        return np.zeros_like(ink), False
    beyond = likely - weighted_median(likely, areas)
    alike = _alike(dark, weighted_median(dark, areas))
    least = np.where(alike[:, None], CAPTION, PRINTED)
    sure = (np.stack([beyond, likely], axis=1) > least).all(axis=1)
    spans = [(y.start, y.stop, x.start, x.stop) for y, x in ndimage.find_objects(words)]
    top, foot, start, end = np.array(spans).T
    below = abs(start[:, None] - start) < LETTER_GAP * high
    typed = (2 * (below & sure).sum(axis=1) >= below.sum(axis=1)) & (beyond > LISTED)
    word = (end - start > WORD[0] * high) & (foot - top < WORD[1] * high) & ~typed
    middle = (top + foot)[:, None] / 2
    typed &= ((top < middle) & (middle < foot) & (start[:, None] < start) & word).any(axis=1)
    return np.append(False, typed)[words], bool((typed & sure & (beyond < CERTAINLY)).any())


def _alike(dark: Doubles, usual: float) -> Mask:
    """Tell which contrasts `dark` (N,) are nearly the `usual` one, as they are in one ink."""
    alike: Mask = abs(np.log(dark / usual)) <= np.log(DARKER)
    return alike


def _words(ink: Mask, high: float) -> NDArray[np.int32]:
    """Return the words of `ink` (H, W), from 1 on.

    A word is ink so near to each other that less than LETTER_GAP of the height of the writing, `high` px, is between.
    """
    words, _ = connected(ndimage.maximum_filter(ink, (1, 1 + 2 * round(LETTER_GAP * high / 2))))
    return words * ink


def _means(values: Floats, words: NDArray[np.int32]) -> Doubles:
    """Return the mean of `values` (H, W) in each of the `words` (H, W), 0 for paper."""
    ink = words > 0
    return np.bincount(words[ink], values[ink])[1:] / np.bincount(words[ink])[1:]
