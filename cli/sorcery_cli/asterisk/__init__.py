"""The chain to a running Asterisk, through its manager interface: does it run on what the files say.

| module | its idea |
|---|---|
| `chain` | the links, in the order in which they depend on each other |
| `visit` | one connection, and what this user may ask |
| `state` | what it runs, beside what we have |
| `databases` | whether it reaches its databases |
"""
