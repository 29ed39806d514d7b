"""The http level: what every virtual host shares."""

from typing import Literal

from nginxgen.model.backend import Backends
from nginxgen.model.block import Block, block, directive, intent
from nginxgen.model.hatch import Open
from nginxgen.model.maps import Geo, Map, SplitClients
from nginxgen.model.records import Buffers, LimitConnZone, LimitReqZone, LogFormat
from nginxgen.model.serving import Serving
from nginxgen.model.tls import Ssl
from nginxgen.model.values import Count, Duration, Identifier, Network, Positive, Size


class RequestHeads(Block):
    """What http and a server say of a request before its location is known."""

    client_header_buffer_size: Size | None = directive("The buffer for a request's header.")
    client_header_timeout: Duration | None = directive("For how long a client may take to send a request's head.")
    large_client_header_buffers: Buffers | None = directive("Buffers for a longer one.")
    ignore_invalid_headers: bool | None = directive("Whether headers with odd names are left out.")
    underscores_in_headers: bool | None = directive('Whether names with "_" are no odd ones.')
    merge_slashes: bool | None = directive('Whether "//" in a path counts as "/".')
    max_headers: Count | None = directive("How many headers a request may have.")
    connection_pool_size: Size | None = directive("Memory set aside for a connection.")
    request_pool_size: Size | None = directive("Memory set aside for a request.")


class Http(Open, Serving, Backends, RequestHeads, Ssl):
    """The http block; servers and upstreams stand beside it."""

    trusted_proxies: tuple[Network, ...] = intent("Networks of proxies in front, whose X-Forwarded headers are true.")
    unknown_hosts: Literal["refuse"] | None = intent("What happens to requests for hosts that no server names.")
    log_format: dict[Identifier, LogFormat] = directive("Shapes of lines in access logs.", placed=True)
    limit_req_zone: tuple[LimitReqZone, ...] = directive("Counters of requests.", placed=True)
    limit_conn_zone: tuple[LimitConnZone, ...] = directive("Counters of connections.", placed=True)
    map: tuple[Map, ...] = block("Variables that depend on others.")
    geo: tuple[Geo, ...] = block("Variables that depend on the client's address.")
    split_clients: tuple[SplitClients, ...] = block("Variables that divide requests by a key.")
    types_hash_max_size: Positive | None = directive("The size of the table of media types.")
    types_hash_bucket_size: Positive | None = directive("The bucket of the table of media types.")
    server_names_hash_max_size: Positive | None = directive("The size of the table of server names.")
    server_names_hash_bucket_size: Positive | None = directive("The bucket of the table of server names.")
    variables_hash_max_size: Positive | None = directive("The size of the table of variables.")
    variables_hash_bucket_size: Positive | None = directive("The bucket of the table of variables.")
    map_hash_max_size: Positive | None = directive("The size of the tables of maps.")
    map_hash_bucket_size: Positive | None = directive("The bucket of the tables of maps.")
