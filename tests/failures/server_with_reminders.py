"""`suite` with one more kind of letter, declared as every letter is and sent at most once: the product has none yet."""

import dataclasses

from suite import app, cli
from suite.messages import Letter, Line, letter

reminder = letter(
    Letter("test_reminder", "Reminder {number}", (Line("this is reminder {number}."),), purpose="sign_in", once=True)
)
app.MODULES = tuple(
    dataclasses.replace(
        module,
        declaration=dataclasses.replace(
            module.declaration,
            letters=(*module.declaration.letters, *((reminder.key,) if module.name == "messages" else ())),
        ),
    )
    for module in app.MODULES
)

if __name__ == "__main__":
    cli.main()
