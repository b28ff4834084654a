"""What a layer is: one frozen description per kind, and the catalogue of all kinds.

Everything that shows, checks, prints or trains a layer reads its description here. Nothing in
this package imports torch, Qt or the engine, so it loads in a few hundredths of a second.
"""
