"""`sorcery init`: the files and tables of a system, planned whole before anything is written.

| module | its idea |
|---|---|
| `backend` | where the objects are to be kept, and what is known of that database |
| `naming` | what a directory calls that database already |
| `provisioned` | the types that it is to keep |
| `site` | what was asked for |
| `front` | the database's address as Kamailio takes it |
| `wanted` | the files that a system needs, each as the text that a new one has |
| `comparing` | what of it a file that is there lacks, or says otherwise |
| `moving` | objects that would be lost from sight: they lie where their type would no longer be looked for |
| `drivers` | whether Asterisk loads what reaches the database |
| `tables` | the tables: what they lack, and making them |
| `planning` | all of that as one plan |
| `writing` | the plan carried out: whole, or not at all |
| `next_steps` | what is left to do for people |
| `running` | the command's work: plan, show, carry out |
"""
