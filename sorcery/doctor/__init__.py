"""Where the way from a configuration to its objects is broken, and how to mend it.

| module | its idea |
|---|---|
| `chains` | what was found, as values |
| `looking` | each step looked at once, and within its time |
| `files` | the steps to a file |
| `sqlite`, `holders` | what an SQLite file answers; who has a file open |
| `stores` | the last step: what a store holds |
| `examination` | the chains of a whole system |
| `process` | the chain to a process of ours that runs on it |
"""
