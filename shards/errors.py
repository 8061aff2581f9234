"""The one error class for what the user can put right."""

from collections.abc import Iterable


class UserError(Exception):
    """Something that the user can fix, told in one line.

    Args:
        problem: what is wrong, with the path or name and what was looked for.
        remedy: what to do about it, often the next command to run.
        code: exit status, 1 (act) or 2 (usage).
    """

    def __init__(self, problem: str, remedy: str = "", *, code: int = 1) -> None:
        super().__init__(problem, remedy)
        self.problem = problem
        self.remedy = remedy
        self.code = code

    def __str__(self) -> str:
        return f"{self.problem}: {self.remedy}" if self.remedy else self.problem


def unknown(kind: str, name: str, known: Iterable[str], *, hint: str = "") -> UserError:
    """The error for a name that does not exist, with the nearest names that do.

    >>> print(unknown("source", "lvip", ["llvip", "m3fd"]))
    no source named 'lvip': did you mean llvip?
    """
    import difflib

    known = sorted(known)
    near = difflib.get_close_matches(name.lower(), known, n=3, cutoff=0.5)
    remedy = f"did you mean {' or '.join(near)}?" if near else f"there are: {', '.join(known) or 'none'}"
    return UserError(f"no {kind} named {name!r}", f"{remedy}{'; ' + hint if hint else ''}", code=2)
