"""The Docs panel: the reference page of a kind of layer, from its description in ``nodes``."""

from app.docs.panel import DocsPanel

__all__ = ["DocsPanel"]
