"""From partners' servers and files to raw records: protocols, resumable windows, verbatim bytes. Knows nothing of bibliography."""

from harvesters.run import Batch, harvest

__all__ = ["Batch", "harvest"]
