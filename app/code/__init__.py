"""The drawing as PyTorch source, live and read only."""

from app.code.panel import CodePanel

__all__ = ["CodePanel"]
