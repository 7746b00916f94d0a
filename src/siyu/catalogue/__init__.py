"""Catalogue: product files become facts with provenance and history, and the products in force now."""

from typing import TYPE_CHECKING

from siyu.domain.deferred import deferred

if TYPE_CHECKING:
    from siyu.catalogue.importing import import_products
    from siyu.catalogue.offers import offer_facts
    from siyu.catalogue.report import CatalogueReport
    from siyu.catalogue.settings import CatalogueSettings, read_mapping

__all__ = ["CatalogueReport", "CatalogueSettings", "import_products", "offer_facts", "read_mapping"]

__getattr__ = deferred(
    __name__,
    {
        "importing": ("import_products",),
        "offers": ("offer_facts",),
        "report": ("CatalogueReport",),
        "settings": (
            "CatalogueSettings",
            "read_mapping",
        ),
    },
)
