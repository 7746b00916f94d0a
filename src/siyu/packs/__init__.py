"""Knowledge as data: languages, industries, occasions, law. TOML files, read here and nowhere else."""

from siyu.packs.errors import in_words
from siyu.packs.reading import names, read

__all__ = ["in_words", "names", "read"]
