"""The label maps of the six splits, folding of cases, and groups that look alike."""

import pytest

from emnist import LOOKALIKES, SPLITS, label_map
from emnist.labels import fold, graphemes, is_label, lookalikes

ENGLAND = "\N{WAVING BLACK FLAG}\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f"


@pytest.mark.parametrize(
    ("split", "classes"),
    [("byclass", 62), ("bymerge", 47), ("balanced", 47), ("letters", 26), ("digits", 10), ("mnist", 10)],
)
def test_a_split_has_its_official_number_of_classes_without_repeats(split: str, classes: int) -> None:
    assert sorted(label_map(split)) == list(range(classes))
    assert len(set(label_map(split).values())) == classes


def test_the_47_classes_leave_out_the_15_merged_letters() -> None:
    assert set(SPLITS["byclass"]) - set(SPLITS["bymerge"]) == set("cijklmopsuvwxyz")


def test_a_wrong_split_name_is_refused_with_the_choices() -> None:
    with pytest.raises(ValueError, match=r"'balance'.*byclass, bymerge, balanced, letters, digits, mnist"):
        label_map("balance")


def test_a_character_folds_into_its_other_case_only_where_it_is_no_class_itself() -> None:
    assert fold("c", SPLITS["bymerge"]) == "C"
    assert fold("n\N{COMBINING TILDE}", "nñ") == "ñ"  # as some systems type it
    assert fold("a", SPLITS["bymerge"]) == "a"
    assert fold("a", SPLITS["letters"]) == "A"
    assert fold("?", SPLITS["bymerge"]) is None


def test_groups_of_lookalikes_share_no_character() -> None:
    together = "".join(LOOKALIKES)
    assert len(set(together)) == len(together)


def test_lookalikes_of_a_character_contain_it() -> None:
    assert "O" in lookalikes("0")
    assert lookalikes("A") == "A"


def test_a_label_is_one_visible_grapheme_in_composed_form() -> None:
    assert all(map(is_label, ["A", "ñ", "+", "あ", "क्षि", "👨\u200d👩\u200d👧", "🇩🇪", ENGLAND]))
    assert not any(
        map(is_label, ["", " ", "AB", "n\u0303", "\n", "\u200b", "\x07", 7, None, f"A{ENGLAND[1:]}", ENGLAND[1:]])
    )


def test_text_is_cut_into_what_readers_take_for_characters() -> None:
    assert graphemes("an\u0303+あ") == ["a", "ñ", "+", "あ"]
