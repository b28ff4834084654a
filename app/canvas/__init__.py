"""The canvas: cards, wires and frames of the open document, and every way to edit them.

The document is the only truth. Items follow its signals and hold ids; a gesture moves items ahead
of it while it lasts and asks for one edit at its end.
"""
