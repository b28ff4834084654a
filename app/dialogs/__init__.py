"""Dialogs of the window, each named by its verb and opened when it is asked for."""
