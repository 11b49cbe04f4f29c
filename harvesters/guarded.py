"""HTTP connections that look where they go before they go there."""

from __future__ import annotations

import ipaddress
import socket
import weakref
from typing import Any

from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import NameResolutionError, NewConnectionError
from urllib3.util.connection import create_connection

from schemas.errors import WenlanError

_NAT64 = ipaddress.ip_network("64:ff9b::/96")  # RFC 6052
_UNICAST = ipaddress.ip_network(
    "2000::/3"
)  # all that is given out; site-local and IPv4-compatible addresses lie elsewhere


def _is_public(address: str) -> bool:
    ip = ipaddress.ip_address(address.split("%")[0])
    if isinstance(ip, ipaddress.IPv6Address):
        inner = ip.ipv4_mapped or ip.sixtofour
        if inner is None and ip in _NAT64:
            inner = ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)
        if inner is None:
            return ip.is_global and ip in _UNICAST
        ip = inner
    return ip.is_global and not ip.is_multicast


def _connect(connection: HTTPConnection, allow_private: bool) -> socket.socket:
    """Resolve once, check, and connect to the very address that was checked, so that a second answer of the name server cannot matter."""
    host, port = connection._dns_host, connection.port
    try:
        found = [info[4][0] for info in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]
    except (socket.gaierror, UnicodeError) as error:
        raise NameResolutionError(host, connection, socket.gaierror(str(error))) from error
    addresses = [str(a) for a in dict.fromkeys(found) if allow_private or _is_public(str(a))]
    if not addresses:
        raise WenlanError(
            "harvest-address",
            "主机 {host} 在内网或本机，不予访问。确要收割内网服务，请设 WENLAN_ALLOW_PRIVATE_ADDRESSES=true。",
            "The host {host} is on a private network or this machine and is not visited. To harvest it all the same, set "
            "WENLAN_ALLOW_PRIVATE_ADDRESSES=true.",
            host=host,
        )
    failure: OSError | None = None
    for address in addresses:
        try:
            return create_connection((address, port), connection.timeout, socket_options=connection.socket_options)
        except OSError as error:
            failure = error
    raise NewConnectionError(connection, f"no address answered: {type(failure).__name__}")


class GuardedAdapter(HTTPAdapter):
    """An adapter whose connections check where they go and can be cut from outside."""

    def __init__(self, allow_private: bool, sockets: weakref.WeakSet[HTTPConnection]) -> None:
        class Plain(HTTPConnection):
            def _new_conn(self) -> socket.socket:
                sockets.add(self)
                return _connect(self, allow_private)

        class Secure(HTTPSConnection):
            def _new_conn(self) -> socket.socket:
                sockets.add(self)
                return _connect(self, allow_private)

        class PlainPool(HTTPConnectionPool):
            ConnectionCls = Plain

        class SecurePool(HTTPSConnectionPool):
            ConnectionCls = Secure

        self._pools: dict[str, Any] = {"http": PlainPool, "https": SecurePool}
        super().__init__()

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = self._pools
