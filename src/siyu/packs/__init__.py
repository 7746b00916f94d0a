"""Knowledge as data: languages, industries, occasions, law. TOML files, read here and nowhere else."""

from siyu.packs.reading import names, read

__all__ = ["names", "read"]
