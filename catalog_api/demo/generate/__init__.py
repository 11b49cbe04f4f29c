"""The generator of the demonstration federation: `generate`, `changes`, `demo_readers`."""

from catalog_api.demo.generate.federation import Federation, MemberFiles, changes, generate
from catalog_api.demo.generate.readers import DemoReader, demo_readers

__all__ = ["DemoReader", "Federation", "MemberFiles", "changes", "demo_readers", "generate"]
