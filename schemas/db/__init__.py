"""The database: connections, the embedded server, migrations, and SQL read from `.sql` files."""

from schemas.db.connect import Database, open_database
from schemas.db.sql import Sql

__all__ = ["Database", "Sql", "open_database"]
