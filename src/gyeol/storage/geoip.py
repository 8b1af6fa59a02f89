"""Countries of IP addresses from a file in MaxMind's form (``.mmdb``), which the workspace brings."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from gyeol.kernel.errors import InputError, Problem

MOST_REMEMBERED = 65_536


class GeoIp:
    """An open file, held in memory.

    Args:
        path: The file.

    Raises:
        InputError: It is not in that form.
    """

    def __init__(self, path: Path) -> None:
        import maxminddb

        try:
            self._reader = maxminddb.open_database(str(path), maxminddb.MODE_MEMORY)
        except (OSError, maxminddb.InvalidDatabaseError) as error:
            mend = "use a country or city database in MaxMind's form (.mmdb)"
            problem = Problem(path=str(path), code="bad_geoip", what=f"this is no file of IP addresses: {error}", mend=mend)
            raise InputError("bad_geoip", [problem]) from error
        self.country = lru_cache(maxsize=MOST_REMEMBERED)(self._country)

    def _country(self, address: str) -> str | None:
        """ISO 3166 code of an address's country; None: the file does not know it, or it is no address."""
        try:
            found = self._reader.get(address)
        except ValueError:
            return None
        for key in ("country", "registered_country"):
            of = found.get(key) if isinstance(found, dict) else None
            code = of.get("iso_code") if isinstance(of, dict) else None
            if isinstance(code, str):
                return code
        return None
