"""Ringwall: production AWS security for AI companies, designed and proved before deployment."""

__version__ = "0.1.0"
