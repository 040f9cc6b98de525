"""The state table as a page: `python -m ivr.describe` prints what docs/phone.md holds."""

from __future__ import annotations

from ivr.prompts import VARIABLES
from ivr.states import MOST_STRIKES, MOST_STRIKES_A_CALL, TABLE, OnSilence, Row
from ivr.words import Connect, Record

HEAD = f"""# The call, read aloud
`ivr/step.py` walks the table of `ivr/states.py`; this page is printed from it by `python -m ivr.describe`.

Everywhere: key 0, or "agent", "operator", "a person", goes to `person` (where an ID is keyed: 0 and #, or *). "Repeat", or the * key
where one key is expected, says it again; "help" says more; "start over" goes to `menu`. In a recording 0 ends it and goes to `person`.
Silence and what is not understood count together: {MOST_STRIKES} in one state, unless the table says otherwise, or {MOST_STRIKES_A_CALL} in one call, and a person takes over. A
report that is worth keeping is filed before that, and when the caller hangs up.

| state | what happens | takes | leads to | silence | in the end |
| --- | --- | --- | --- | --- | --- |"""


def page() -> str:
    """docs/phone.md."""
    rows = "\n".join(_row(r) for r in TABLE)
    variables = "\n".join(f"| `{name}` | {text} |" for name, text in VARIABLES.items())
    own = (
        "`templates/voice/<name>.txt`; a file of the same name in INTAKE_VOICE_TEMPLATES_DIR takes its place. A `|` is a pause."
    )
    return f"{HEAD}\n{rows}\n\n## Prompts\n{own}\nEvery variable is text, empty where there is nothing.\n\n| variable | is |\n| --- | --- |\n{variables}\n"


def _row(r: Row) -> str:
    leads = ", ".join(f"`{s.value}`" for s in r.to)
    silence = end = ""
    if r.take is not None and not isinstance(r.then, Connect):
        again = f"asks again {r.silences}x, then " if r.silences else ""
        silence = f"{again}`{r.silence_to.value}`" if r.on_silence is OnSilence.GO_ON and r.silence_to else r.on_silence.value
        end = f"{r.tries} tries, then `{r.failing.value}`"
    takes = r.takes + (f" (at most {r.then.seconds} s)" if isinstance(r.then, Record) else "")
    return f"| `{r.state.value}` | {r.about} | {takes} | {leads} | {silence} | {end} |"


if __name__ == "__main__":
    print(page(), end="")
