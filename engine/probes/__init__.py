"""Looking into layers while they train, without changing what they learn.

A probe runs a small fixed batch through the live modules in evaluation mode and reduces what each
layer puts out to numbers and bytes where the tensor lives. Nothing in here imports Qt.
"""
