"""What a convolutional network sees in a picture, live in a notebook.

from zf_lens import ZFLens

ZFLens("cat.jpg", view="occlusion")
"""

from ._server import Served, serve
from ._widget import ZFLens

__version__ = "0.1.0"
__all__ = ["Served", "ZFLens", "serve"]
