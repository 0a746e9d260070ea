"""FHIR over plain HTTP, to check what client libraries hide: status codes, media types, refusals, headers."""

import json

import requests

FHIR_JSON = "application/fhir+json"
SECONDS = 30


class Plain:
    """Requests below one base address, with a token or without."""

    def __init__(self, base: str, token: str | None) -> None:
        self.base = base
        self.session = requests.Session()
        # Nothing from the environment: a proxy or a .netrc would change what is tested.
        self.session.trust_env = False
        self.session.headers["Accept"] = FHIR_JSON
        if token is not None:
            self.session.headers["Authorization"] = f"Bearer {token}"

    def ask(self, method: str, path: str, **more) -> requests.Response:
        return self.session.request(method, f"{self.base}{path}", timeout=SECONDS, allow_redirects=False, **more)

    def get(self, path: str, **more) -> requests.Response:
        return self.ask("GET", path, **more)


def body(answer: requests.Response) -> dict:
    """The answer as JSON; an empty object when it is none, so that the check after it fails and not this."""
    try:
        found = answer.json()
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def is_outcome(found: dict) -> bool:
    """A well-formed OperationOutcome that says something."""
    issues = found.get("issue") or []
    severities = {"fatal", "error", "warning", "information"}
    whole = all(issue.get("severity") in severities and issue.get("code") for issue in issues)
    said = any(issue.get("diagnostics") or issue.get("details", {}).get("text") for issue in issues)
    return found.get("resourceType") == "OperationOutcome" and bool(issues) and whole and said


def refused(report, what: str, answer: requests.Response, *statuses: int) -> None:
    """Refused with one of these statuses, and with an OperationOutcome that names no person."""
    found = body(answer)
    told = f"{answer.status_code} {answer.headers.get('Content-Type')} {answer.text[:300]}"
    report.check(f"{what}: {' or '.join(map(str, statuses))}", answer.status_code in statuses, told)
    report.check(f"{what}: says why in an OperationOutcome", is_outcome(found), told)
    report.check(f"{what}: says nothing of a patient", not names_someone(found), told)


def names_someone(found: dict) -> bool:
    text = json.dumps(found).lower()
    return any(part in text for part in ("9434765919", "fredrica", "smith"))
