"""Readers and one card (一卡通): who this is, which library's, and what he may do here."""

from ill.readers.desk import Desk, Found
from ill.readers.numbers import KINDS
from ill.readers.registry import Consent
from ill.readers.secret import KeyRing, Secret

__all__ = ["KINDS", "Consent", "Desk", "Found", "KeyRing", "Secret"]
