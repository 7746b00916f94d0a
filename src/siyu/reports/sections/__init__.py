"""Sections of the report: one file each computes figures; a template of the same name shows them."""
