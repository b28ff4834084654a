"""What files hold, by the endings of their names."""

from typing import Final

PICTURES: Final = (
    ".png",
    ".jpg",
    ".jpeg",
    ".bmp",
    ".gif",
    ".webp",
    ".tif",
    ".tiff",
    ".ppm",
    ".pgm",
)
RECORDINGS: Final = (".wav", ".flac", ".ogg", ".opus", ".mp3", ".aiff", ".aif")
TEXTS: Final = (".txt", ".md", ".text")
