"""Networks that were written elsewhere, as drawings.

Text is parsed and never executed. What is not understood is named, not guessed.
"""
