"""The Training panel: the recipe before a run, figures and curves during and after it, the log.

Only shows what events say and asks through signals; nothing in here starts or stops a run.
"""
