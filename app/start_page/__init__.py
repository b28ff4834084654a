"""The start page: templates to begin with, and the projects that were open last.

Everything on a card is read from the template itself, away from the GUI thread, so it is never
out of date.
"""

from app.start_page.page import StartPage

__all__ = ["StartPage"]
