"""What a person sees of Layerloom: the window and the command line.

Nothing in here imports torch. The command line works where Qt cannot be loaded.
"""
