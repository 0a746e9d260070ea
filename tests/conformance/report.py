"""Prints one line for each check and remembers failures. It must never decide whether a check passes."""


class Report:
    def __init__(self) -> None:
        self.count = 0
        self.failed: list[str] = []

    def check(self, what: str, passed: bool, found: object = "") -> bool:
        """One check; `found` is said only when it failed."""
        self.count += 1
        print(f"{'ok  ' if passed else 'FAIL'} {what}" + ("" if passed or found == "" else f" — {str(found)[:600]}"))
        if not passed:
            self.failed.append(what)
        return passed

    def end(self) -> int:
        """The closing lines; the exit code."""
        print(f"\n{self.count} checks, {len(self.failed)} failed")
        for what in self.failed:
            print(f"FAIL {what}")
        return 1 if self.failed else 0
