"""The REST interface that applications outside steer calls by, as Asterisk's ARI is; it needs aiohttp.

`sorcery_sip.ari.server` is imported where it is used: without aiohttp everything else works.
"""
