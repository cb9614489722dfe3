"""The parts of the page that `app.py` puts together."""

import os

os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"  # Gradio reads it when it is imported, so before the parts below
