"""The work of `sorcery feed`.

| module | its idea |
|---|---|
| `running` | databases, neighbours and files put together from what a command line names |
| `status` | who was told up to where |
| `sources` | the databases that are read |
| `neighbours` | whom an address stands for |
| `figures` | where the lag is shown |
"""
