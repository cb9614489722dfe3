"""The fixed sentences of the model card; `card` fills in what stands in braces."""

INTRO = """# Handwritten characters: {classes} classes

A convolutional network of {parameters:,} parameters that names one handwritten character: `{labels}`.
It takes any picture of one character (photo, scan, drawing) by way of the `emnist` package in this repository, which
turns it into EMNIST's 28×28 form; the weights alone expect that form, ink 1 on 0.
"""

USE = """## Use

```python
import sys
from huggingface_hub import snapshot_download

sys.path.insert(0, snapshot_download("{repo}"))  # the code comes with the weights
from emnist import Recognizer

recognizer = Recognizer.from_pretrained("{repo}")
result = recognizer.predict("photo.jpg")  # a path, a PIL image or a numpy array
print(result.label, result.confidence, result.top(3))
```

It needs Python 3.11 or newer and `pip install -r requirements.txt`. `handler.py` serves the model on Inference
Endpoints: send `{{"inputs": "<image file in base64>"}}`, get `[{{"label": "A", "score": 0.97}}, …]`.

Without any of this code, `onnx/model.onnx` answers in other languages and in browsers. It takes images in EMNIST's form
(28×28, upright, ink 1 on 0) and gives logits, already divided by the temperature, and the character score in [0, 1];
the labels and every value of `config.json` stand in its metadata. In Python, with `onnxruntime` alone:

```python
import json
import numpy as np
import onnxruntime

session = onnxruntime.InferenceSession("onnx/model.onnx")
labels = json.loads(session.get_modelmeta().custom_metadata_map["labels"])
images = np.zeros((1, 1, 28, 28), np.float32)
images[:, :, 4:24, 12:16] = 1  # an upright bar
logits, character = session.run(["logits", "character"], {{"images": images}})
odds = np.exp(logits - logits.max(axis=1, keepdims=True))
print(labels[odds[0].argmax()], odds[0].max() / odds[0].sum(), character[0])
```

In JavaScript, with `onnxruntime-web` (or `onnxruntime-node`) from npm:

```js
import * as ort from "onnxruntime-web";

const labels = "{spaced}".split(" ");
const session = await ort.InferenceSession.create("onnx/model.onnx");
const images = new Float32Array(28 * 28);
for (let y = 4; y < 24; y++) images.fill(1, 28 * y + 12, 28 * y + 16); // an upright bar
const {{ logits, character }} = await session.run({{ images: new ort.Tensor("float32", images, [1, 1, 28, 28]) }});
const odds = Array.from(logits.data, (logit) => Math.exp(logit - Math.max(...logits.data)));
const best = odds.indexOf(Math.max(...odds));
console.log(labels[best], odds[best] / odds.reduce((sum, each) => sum + each), character.data[0]);
```

Files: `model.safetensors` (weights), `onnx/model.onnx` (the same network as ONNX), `config.json` (architecture and
normalisation), `label_map.json` (output index → character), `metrics.json` (everything measured, and how it was
trained), `emnist/` and `train/` (the code).
"""

RENTED = """
The same on rented hardware, which pushes the result (`hf jobs hardware` lists it; a GPU is used where there is one):

```sh
hf jobs run --flavor cpu-performance --timeout 6h --secrets HF_TOKEN python:3.12 bash -c '
  pip install -q huggingface_hub && hf download {repo} --local-dir code && cd code &&
  pip install -q --extra-index-url https://download.pytorch.org/whl/cpu -r train/requirements.txt &&
  {command} --download &&
  python -m train evaluate run --data data && python -m train report run &&
  python -m train push run {repo}'
```
"""

LIMITS = """## Limits

- The network reads one character. `Recognizer.transcribe` reads several that stand apart, and no joined writing.
{alike}{origin}- A picture of anything else still gets one of the {classes} labels, unless the character score is below
  `accept` in config.json.{merged}
- Confidences are calibrated on images like those of the validation set; on photos and drawings see the table.
- Not meant for decisions about people.
"""

ALIKE = """  Characters that look alike ({groups} …) need context: the answer then says which ones it cannot tell apart.
"""

EMNIST_ORIGIN = """- The letters and digits of EMNIST are as people in the United States wrote them around 1990. Other
  scripts and other habits of writing are unknown to it.
"""

MERGED = """
- The {count} lower-case letters {letters} are counted as their upper-case forms, as in EMNIST's ByMerge and Balanced.
"""

CREDITS = """- EMNIST: G. Cohen, S. Afshar, J. Tapson, A. van Schaik, "EMNIST: an extension of MNIST to handwritten
  letters", 2017, made from NIST Special Database 19 (in the public domain).
"""

UNIPEN = """- Pen drawings: UNIPEN. I. Guyon, L. Schomaker, R. Plamondon, M. Liberman, S. Janet, "UNIPEN project of
  on-line data exchange and recognizer benchmarks", ICPR 1994, CC BY 4.0; strokes redrawn as images in EMNIST's form.
"""
