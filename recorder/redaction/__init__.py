"""Keeping secrets out of a recording, before anything of it is written.

Redaction reads texts, not values: a body may be JSON, cut-off JSON, JSON inside a string, a form, a
query, SSE data or HTML. Each text is read twice. First, *rules* find secrets by where they stand,
after a name or in a shape of their own (`places`, `names`, `tokens`). Each is replaced by a
*pseudonym* of the same shape (`pseudonym`, `jwt`, `conceal`) and learnt. Then everything learnt so
far is searched for, in whatever quoting or encoding it turns up (`known`, `quoting`,
`base64_cores`).

`redactor` does this for a recorder, in the order of the wire; `tripwire` looks through a finished
recording for what should have been replaced and was not.
"""
