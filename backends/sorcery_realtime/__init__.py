"""The wizard `realtime`: objects are rows of SQL tables, as Asterisk's realtime engine reads and writes them.

| module | its idea |
|---|---|
| `wizard` | what a mapping's arguments mean; opening and closing |
| `store` | one type's table, asked in the order of its family's priorities |
| `source` | one table in one database, read |
| `writer` | changes in one transaction per database |
| `rowreader` `rowwriter` | a row as an object, an object as a row |
| `packed` `packing` | the row of one id as one text that the database makes |
| `exchange` | one question to PostgreSQL by way of the driver's lower half |
| `paging` | large answers piece by piece |
| `queries` | a query as conditions that spare rows |
| `shapes` `patterns` | what the texts look like that a pattern finds, and the conditions for that |
| `tables` | what a table's columns are, and what fits them |
| `escape` | `;` and `^` in texts |
| `databases` | one database and its connections |
| `watching` | word of rows that others changed |
| `failures` | a database that cannot answer, or does not take what it is given |
"""

from sorcery_realtime.wizard import RealtimeWizard

__all__ = ["RealtimeWizard"]
