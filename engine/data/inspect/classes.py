"""Findings about classes, alike for files in folders and for columns of a table."""

from collections import Counter
from collections.abc import Iterable

from engine.data.inspect.report import Finding

_FEW = 10


def counted(labels: Iterable[str]) -> tuple[tuple[str, int], ...]:
    """Return each class with its samples, in order."""
    return tuple(sorted(Counter(labels).items()))


def about_classes(classes: tuple[tuple[str, int], ...]) -> list[Finding]:
    """Say what is wrong with the classes."""
    findings = []
    single = [name for name, count in classes if count == 1]
    if single:
        findings.append(
            Finding(
                code="single",
                title="One class has one sample"
                if len(single) == 1
                else f"{len(single)} classes have one sample",
                why=f"{', '.join(single[:3])}: it can train or be held out, not both.",
                count=len(single),
                examples=tuple(single[:3]),
            )
        )
    if len(classes) == 1:
        findings.append(
            Finding(
                code="one_class",
                title="There is one class only",
                why=f"All samples are “{classes[0][0][:40]}”, so there is nothing to tell apart.",
            )
        )
    largest = max((count for _, count in classes), default=0)
    smallest = min((count for _, count in classes), default=0)
    if 1 < smallest * _FEW < largest:
        findings.append(
            Finding(
                code="imbalance",
                title=f"The largest class has {largest // smallest} times the samples of the least",
                why="Class weights in the recipe make all classes count alike.",
            )
        )
    return findings
