"""The options without which there is no object of a type."""

BASES: dict[str, dict[str, str]] = {
    "aeap/client": {"url": "ws://127.0.0.1:9"},
    "ari/outbound_websocket": {"websocket_client_id": "c", "apps": "a", "local_ari_user": "u"},
    "ari/user": {"password": "p"},
    "auth": {"username": "u", "password": "p"},
    "contact": {"uri": "sip:a@192.0.2.1"},
    "domain_alias": {"domain": "d.example"},
    "geolocation/location": {"format": "civicAddress", "location_info": "country=US"},
    "identify": {"endpoint": "e", "match": "192.0.2.1"},
    "outbound-publish": {"server_uri": "sip:127.0.0.1:9", "event": "presence"},
    "registration": {"server_uri": "sip:192.0.2.1", "client_uri": "sip:u@192.0.2.1"},
    "resource_list": {"event": "presence", "list_item": "a"},
    "transport": {"bind": "127.0.0.1"},
    "websocket_client": {"uri": "ws://127.0.0.1:9"},
}
