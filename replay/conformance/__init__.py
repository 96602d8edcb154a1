"""Conformance: systems are tested against a replayed service, while both their sides are recorded.

    wiretape.toml ─► perform ─► recording of both sides ─► judge ─► report ─► reporters
                    (plays)      (marks: which trial)    (checks)

What a check says is a pure function of the recording; so the same checks run on a recording that
was taken elsewhere.
"""
