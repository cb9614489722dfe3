"""Recognizer: pictures in, probabilities out; choice of characters, prior, look-alikes, attention."""

import inspect
import json
import subprocess
import sys
from dataclasses import fields, replace
from pathlib import Path

import numpy as np
import pytest
import torch
from drawings import draw, scribble
from models import LABELS, SMALL, network
from PIL import Image

import emnist
from emnist import ModelError, NoInkError, Prediction, Recognizer, UnreadableImageError, views
from emnist.labels import SPLITS
from emnist.odds import as_drawn


@pytest.fixture
def untrained() -> Recognizer:
    return Recognizer(network(), LABELS)


def test_the_public_names_are_these() -> None:
    assert emnist.__all__ == [
        "LOOKALIKES",
        "SPLITS",
        "Character",
        "CharacterNet",
        "ModelConfig",
        "ModelError",
        "NoInkError",
        "Prediction",
        "Recognizer",
        "Transcript",
        "UnreadableImageError",
        "UnreadableStrokesError",
        "label_map",
    ]


def test_the_public_methods_take_these_arguments() -> None:
    public = {name: inspect.signature(getattr(Recognizer, name)) for name in vars(Recognizer) if name[0] != "_"}
    assert {name: list(signature.parameters) for name, signature in public.items()} == {
        "from_pretrained": ["source", "revision"],
        "predict": ["self", "picture", "only", "prior"],
        "predict_many": ["self", "pictures", "only", "prior", "jobs", "brief"],
        "read": ["self", "steps", "only", "prior"],
        "transcribe": ["self", "source", "only", "context"],
        "look": ["self", "images", "once", "only"],
        "probabilities": ["self", "images", "only", "prior"],
        "choose": ["self", "only"],
        "attention": ["self", "image", "label"],
        "maps": ["self", "image"],
        "check": ["self"],
    }
    assert [field.name for field in fields(Prediction)] == [
        *("label", "confidence", "probabilities", "lookalikes", "lookalikes_confidence"),
        *("character", "is_character", "steps"),
    ]
    assert all(issubclass(error, ValueError) for error in (ModelError, NoInkError, UnreadableImageError))


def test_importing_the_library_imports_neither_gradio_nor_training() -> None:
    check = "import emnist, sys; print([m for m in ('gradio', 'train', 'torchvision', 'sklearn') if m in sys.modules])"
    told = subprocess.run([sys.executable, "-c", check], capture_output=True, text=True, check=True)
    assert told.stdout.strip() == "[]"


@pytest.mark.parametrize("character", "1234567890ABCEHKLMNPRTWXYZ")
def test_the_built_in_model_reads_plain_drawings(recognizer: Recognizer, character: str) -> None:
    found = recognizer.predict(draw(character))
    assert character in {label for label, _ in found.top(3)}


def test_probabilities_stand_in_the_order_of_the_label_map_and_sum_to_one(recognizer: Recognizer) -> None:
    found = recognizer.predict(draw("A"))
    assert tuple(found.probabilities) == recognizer.labels == tuple(SPLITS["bymerge"])
    assert sum(found.probabilities.values()) == pytest.approx(1, abs=1e-5)
    assert found.label == "A"
    assert found.confidence == found.probabilities["A"] == found.top(1)[0][1]


def test_a_path_an_image_and_an_array_give_the_same_answer(recognizer: Recognizer, tmp_path: Path) -> None:
    picture = draw("R")
    picture.save(tmp_path / "r.png")
    answers = [recognizer.predict(p).probabilities for p in (picture, tmp_path / "r.png", str(tmp_path / "r.png"))]
    answers.append(recognizer.predict(np.asarray(picture)).probabilities)
    assert all(answer == answers[0] for answer in answers)


@pytest.mark.parametrize(
    ("only", "allowed"),
    [
        ("digits", "0123456789"),
        ("upper", "ABCDEFGHIJKLMNOPQRSTUVWXYZ"),
        ("lower", "CIJKLMOPSUVWXYZabdefghnqrt"),
        ("letters", SPLITS["bymerge"][10:]),
        ("Upper, digits", "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"),
        ("digits,", "0123456789"),
        ("xyz", "XYZ"),
        ("A", "A"),
    ],
)
def test_only_leaves_other_characters_no_probability(recognizer: Recognizer, only: str, allowed: str) -> None:
    found = recognizer.predict(draw("5"), only=only)
    assert "".join(label for label, share in found.probabilities.items() if share > 0) == allowed
    assert sum(found.probabilities.values()) == pytest.approx(1, abs=1e-5)


def test_sets_hold_the_models_own_characters_of_any_script() -> None:
    own = Recognizer(network(), ("A", "ñ", "Ñ", "あ", "n\u0308", "ß", "٣", "7", "+", "?"))
    sets = {name: "".join(own.labels[i] for i in own.choose(name)) for name in ("digits", "letters", "upper", "lower")}
    assert sets == {"digits": "٣7", "letters": "AñÑあn\u0308ß", "upper": "AÑ", "lower": "Añn\u0308ß"}


def test_only_without_any_class_is_refused_with_the_choices(recognizer: Recognizer) -> None:
    with pytest.raises(ValueError, match=r"'\?!'.*digits, letters, upper, lower"):
        recognizer.predict(draw("5"), only="?!")
    with pytest.raises(ValueError, match=r"^.{,300}$"):
        recognizer.predict(draw("5"), only="?" * 10_000)


def test_the_prior_shifts_doubtful_answers_towards_frequent_classes() -> None:
    skewed = Recognizer(network(config=replace(SMALL, prior=(0.91, *[0.01] * 9))), LABELS)
    images = np.zeros((1, 28, 28), np.uint8)
    assert skewed.probabilities(images, prior=True)[0, 0] > skewed.probabilities(images)[0, 0]


def test_biases_for_drawings_touch_pictures_but_not_images_in_emnist_form() -> None:
    plain = Recognizer(network(config=SMALL), LABELS)
    biased = Recognizer(network(config=replace(SMALL, drawn=(5.0, *[0.0] * 9))), LABELS)
    picture = draw("3")
    first, image = LABELS[0], plain.predict(picture).steps.image[None]
    assert biased.predict(picture).probabilities[first] > plain.predict(picture).probabilities[first]
    assert np.array_equal(biased.probabilities(image), plain.probabilities(image))


def test_a_model_without_frequencies_refuses_the_prior(untrained: Recognizer) -> None:
    with pytest.raises(ValueError, match="how frequent"):
        untrained.probabilities(np.zeros((1, 28, 28), np.uint8), prior=True)


def test_uint8_and_float_images_give_the_same_probabilities(untrained: Recognizer) -> None:
    images = np.random.default_rng(0).integers(0, 256, (3, 28, 28), np.uint8)
    as_float = untrained.probabilities(images / 255)
    assert as_float.shape == (3, 10)
    assert as_float.dtype == np.float32
    np.testing.assert_allclose(untrained.probabilities(images), as_float, atol=1e-5)


def test_no_images_give_no_probabilities(untrained: Recognizer) -> None:
    assert untrained.probabilities(np.zeros((0, 28, 28), np.uint8)).shape == (0, 10)


@pytest.mark.parametrize("images", [np.zeros((28, 28)), np.zeros((1, 28, 27)), np.zeros((1, 28, 28), int)])
def test_arrays_of_another_form_are_refused_with_the_form(untrained: Recognizer, images: np.ndarray) -> None:
    with pytest.raises(ValueError, match=r"\(N, 28, 28\)"):
        untrained.probabilities(images)


def test_values_that_are_not_finite_are_refused(untrained: Recognizer) -> None:
    with pytest.raises(ValueError, match="not finite"):
        untrained.probabilities(np.full((1, 28, 28), np.nan))


def test_values_far_from_ink_are_refused(untrained: Recognizer) -> None:
    for images in (np.full((1, 28, 28), 255.0), np.full((1, 28, 28), -3.0), np.full((1, 28, 28), 65535, np.uint16)):
        with pytest.raises(ValueError, match="255 in uint8, 1 in float"):
            untrained.probabilities(images)


@pytest.mark.parametrize("image", [None, "A.png", np.zeros((27, 28), np.uint8), np.zeros((1, 28, 28), np.uint8)])
def test_an_image_of_another_form_is_refused_with_the_form(untrained: Recognizer, image: object) -> None:
    for ask in (untrained.maps, lambda one: untrained.attention(one, "0"), lambda one: untrained.look([one])):
        with pytest.raises(ValueError, match=r"expected uint8 or float images \(N, 28, 28\)"):
            ask(image)  # type: ignore[arg-type]


def test_maps_of_float_images_are_those_of_the_same_in_bytes(untrained: Recognizer) -> None:
    image = np.eye(28, dtype=np.uint8) * 255
    for one, other in zip(untrained.maps(image), untrained.maps(image / 255), strict=True):
        np.testing.assert_allclose(one, other, atol=1e-5)


@pytest.mark.parametrize("labels", [LABELS[:5], "00123456789", "0000000000", dict(enumerate(LABELS)), ["A", ""] * 5])
def test_labels_that_do_not_name_the_classes_are_refused(labels: object) -> None:
    with pytest.raises(ValueError, match="must be 10 different characters"):
        Recognizer(network(), labels)  # type: ignore[arg-type]


def test_what_is_no_network_is_refused_with_what_to_call() -> None:
    for model in ("emnist/pretrained", None):
        with pytest.raises(ValueError, match="from_pretrained"):
            Recognizer(model, LABELS)  # type: ignore[arg-type]


def test_a_blank_picture_raises_no_ink_error(recognizer: Recognizer) -> None:
    with pytest.raises(NoInkError):
        recognizer.predict(Image.new("RGB", (280, 280), "white"))


def test_an_unreadable_file_raises_its_own_error(recognizer: Recognizer, tmp_path: Path) -> None:
    (tmp_path / "note.png").write_text("not a picture")
    with pytest.raises(UnreadableImageError):
        recognizer.predict(tmp_path / "note.png")


def test_lookalikes_are_named_with_their_sum(recognizer: Recognizer) -> None:
    found = recognizer.predict(draw("0"))
    assert found.lookalikes == "0O"
    assert found.lookalikes_confidence == pytest.approx(found.probabilities["0"] + found.probabilities["O"])


def test_a_scribble_scores_lower_as_a_character_than_a_letter(recognizer: Recognizer) -> None:
    letter = recognizer.predict(draw("B"))
    assert letter.is_character
    assert recognizer.predict(scribble()).character < letter.character


def test_attention_to_what_is_no_class_is_refused(recognizer: Recognizer) -> None:
    with pytest.raises(ValueError, match="'€' is no class of this model"):
        recognizer.attention(np.zeros((28, 28), np.uint8), "€")


def test_the_attention_lies_on_the_ink(recognizer: Recognizer) -> None:
    image = recognizer.predict(draw("T")).steps.image
    heat = recognizer.attention(image, "T")
    assert heat.shape == (28, 28)
    assert heat.min() >= 0
    assert heat.max() == pytest.approx(1)
    assert heat[image > 127].mean() > heat[image == 0].mean()


def test_the_self_check_passes_the_built_in_model_and_fails_a_swapped_label_map(recognizer: Recognizer) -> None:
    recognizer.check()
    model, labels = emnist.store.load(emnist.hub.PRETRAINED)
    with pytest.raises(ModelError, match="label map"):
        Recognizer(model, labels[::-1]).check()


def test_inference_with_folded_normalisation_equals_the_network(recognizer: Recognizer) -> None:
    model, _ = emnist.store.load(emnist.hub.PRETRAINED)
    images = np.random.default_rng(0).random((4, 28, 28), np.float32)
    logits = views.logits(model, torch.from_numpy(images).unsqueeze(1))[0] / model.config.temperature
    np.testing.assert_allclose(recognizer.probabilities(images), logits.softmax(1).numpy(), atol=1e-4)


def test_pooled_classes_share_what_they_have_and_then_follow_the_biases() -> None:
    config = replace(SMALL, pooled=(0, 3), drawn=(1.0, *[0.0] * 9))
    before = np.random.default_rng(0).dirichlet(np.ones(10), 5).astype(np.float32)
    after = np.exp(as_drawn(np.log(before), replace(config, drawn=())))
    np.testing.assert_allclose(after[:, 0], (before[:, 0] + before[:, 3]) / 2, rtol=1e-4)
    np.testing.assert_array_equal(after[:, 0], after[:, 3])
    np.testing.assert_allclose(after[:, 1:3], before[:, 1:3], rtol=1e-4)
    biased = as_drawn(np.log(before), config)
    np.testing.assert_allclose(biased[:, 0] - biased[:, 3], 1, rtol=1e-4)


def test_the_built_in_metrics_name_every_data_set_with_its_status_and_count() -> None:
    known = json.loads((emnist.hub.PRETRAINED / "metrics.json").read_text())
    assert {"split", "images", "checksums", "seed", "versions", "command"} <= set(known["training"])
    for result in known["results"]:
        assert result["dataset"]
        assert result["images"] > 0
        assert "split" not in result or result["status"] in ("official", "partial", "redrawn")


@pytest.mark.parametrize("only", ["digits", "Digits", "DIGITS", "numbers"])
def test_names_of_sets_are_known_in_any_case(only: str) -> None:
    recognizer = Recognizer.from_pretrained()
    assert "".join(recognizer.labels[i] for i in recognizer.choose(only)) == "0123456789"


@pytest.mark.parametrize("only", ["upper,x", "digits, 7"])
def test_a_set_beside_characters_is_refused(only: str) -> None:
    with pytest.raises(ValueError, match=r"'[x7]' is no set of characters: name digits, letters, upper, lower"):
        Recognizer.from_pretrained().choose(only)


def test_a_range_of_characters_is_told_to_be_none() -> None:
    with pytest.raises(ValueError, match="'0-9' is no list of characters: write them all, or name digits"):
        Recognizer.from_pretrained().choose("0-9")


@pytest.mark.parametrize("only", [5, ["A"], b"A"])
def test_what_is_no_text_is_refused_as_a_choice(only: object) -> None:
    with pytest.raises(ValueError, match="must be text"):
        Recognizer.from_pretrained().choose(only)  # type: ignore[arg-type]
