"""Properties: the parameters of what is selected, or the project while nothing is."""

from app.inspector.panel import PropertiesPanel

__all__ = ["PropertiesPanel"]
