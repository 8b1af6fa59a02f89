"""Whether this process may listen where it was told to, asked before anything is opened."""

from __future__ import annotations

import socket

from gyeol.app.settings import LOCAL_HOSTS, Settings
from gyeol.kernel.errors import ConfigError


def check_port(host: str, port: int, setting: str) -> None:
    """See whether a port is free.

    Raises:
        ConfigError: Something listens there already, or this user may not.
    """
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            told = f"cannot listen on {host}:{port}: {error.strerror}. Stop what listens there or choose another port with {setting}."
            raise ConfigError("port_in_use", told, host=host, port=port) from error


def check_internal_port(settings: Settings) -> None:
    """See whether the internal port is free, and open to nobody else.

    Raises:
        ConfigError: It is in use, or others could reach it.
    """
    if settings.internal_host not in LOCAL_HOSTS:
        raise ConfigError(
            "internal_port_open",
            f"the internal port may only listen on 127.0.0.1 until sign-in exists, not on {settings.internal_host}: there is only the "
            "admin token. Leave GYEOL_INTERNAL_HOST at 127.0.0.1; reach it through an SSH tunnel, or put a proxy with sign-in in front.",
            host=settings.internal_host,
        )
    check_port(settings.internal_host, settings.internal_port, "--internal-port or GYEOL_INTERNAL_PORT")
