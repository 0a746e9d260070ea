"""SCIM 2.0 with clients of others: `scim.py PORT ADMINISTRATOR CLIENT`, against a platform with the demo city. The first token is
of an organisation's administrator, the second of a client without the scope for people. scim2-tester checks what the server
says of itself; the requests of Microsoft Entra ID and of Okta are sent as both publish them. Prints one line for each check and
exits with code 1 after a failure."""

import sys
import uuid

import httpx
import requests
from scim2_client.engines.httpx import SyncSCIMClient
from scim2_tester import Status, check_server

from plain import Plain, body
from report import Report

ORGANISATION = "Z9L01"
SCIM_JSON = "application/scim+json"
USER = "urn:ietf:params:scim:schemas:core:2.0:User"
ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
GROUP = "urn:ietf:params:scim:schemas:core:2.0:Group"
PATCH = "urn:ietf:params:scim:api:messages:2.0:PatchOp"
ERROR = "urn:ietf:params:scim:api:messages:2.0:Error"
ROLE = "data-steward"
# What the server does not offer: POST to /.search (RFC 7644, section 3.4.3), which a client may always avoid.
NOT_OFFERED = {"search_with_attributes"}


def scim_token(report: Report, port: str, administrator: str) -> str:
    """The token of the organisation's SCIM client, which its administrator makes."""
    api = Plain(f"http://localhost:{port}/api/identity/v1", administrator)
    answer = api.ask("POST", f"/organisations/{ORGANISATION}/scim-token")
    token = body(answer).get("result", {}).get("secret", "")
    report.check("an administrator makes the token", token.startswith("lcr-scim-"), answer.status_code)
    return token


def tested_by_others(report: Report, base: str, token: str) -> None:
    """The checks of scim2-tester: what is published, and every operation on users. A group is a role: none can be made up."""
    with httpx.Client(base_url=base, headers={"Authorization": f"Bearer {token}"}, trust_env=False, timeout=30) as http:
        results = check_server(SyncSCIMClient(http), include_tags={"discovery", "crud"}, resource_types=["User"])
    run = [one for one in results if one.status is not Status.SKIPPED and one.title not in NOT_OFFERED]
    report.check("scim2-tester: it ran the checks of users", any(one.resource_type == "User" for one in run), len(run))
    for one in run:
        name = " ".join(filter(None, ["scim2-tester:", one.resource_type, one.title]))
        report.check(name, one.status not in (Status.ERROR, Status.CRITICAL), one.reason)


def answered(report: Report, what: str, answer: requests.Response, status: int) -> dict:
    """The body of an answer that must have this status, and be SCIM."""
    told = f"{answer.status_code} {answer.headers.get('Content-Type')} {answer.text[:300]}"
    kind = answer.headers.get("Content-Type", "").startswith(SCIM_JSON) or not answer.text
    report.check(f"{what}: {status}", answer.status_code == status and kind, told)
    return body(answer)


def refused(report: Report, what: str, answer: requests.Response, status: int, kind: str | None = None) -> None:
    """Refused with the standard's own error."""
    found = answered(report, what, answer, status)
    whole = found.get("schemas") == [ERROR] and found.get("status") == str(status) and bool(found.get("detail"))
    report.check(f"{what}: says why", whole and found.get("scimType") == kind, found)


def patch(*operations: dict) -> dict:
    return {"schemas": [PATCH], "Operations": list(operations)}


def entra(report: Report, scim: Plain) -> None:
    """https://learn.microsoft.com/entra/identity/app-provisioning/use-scim-to-provision-users-and-groups"""
    name, external = f"{uuid.uuid4()}@records.example", str(uuid.uuid4())
    query = {"filter": f'userName eq "{name}"'}
    found = answered(report, "Entra: tests the connection", scim.get("/Users", params=query), 200)
    report.check("Entra: nobody has the name", found.get("totalResults") == 0, found)
    user = {
        "schemas": [USER, ENTERPRISE],
        "externalId": external,
        "userName": name,
        "active": True,
        "displayName": "Robin Ash",
        "emails": [{"primary": True, "type": "work", "value": name}],
        "meta": {"resourceType": "User"},
        "name": {"formatted": "Robin Ash", "familyName": "Ash", "givenName": "Robin"},
        "roles": [],
        ENTERPRISE: {"department": "Records", "manager": {"value": "1"}},
    }
    answer = scim.ask("POST", "/Users", json=user)
    made = answered(report, "Entra: adds a user", answer, 201)
    path = f"/Users/{made.get('id')}"
    report.check("Entra: its address", answer.headers.get("Location", "").endswith(path), answer.headers)
    again = {**user, "userName": name.upper(), "externalId": str(uuid.uuid4())}
    refused(report, "Entra: adds the name again", scim.ask("POST", "/Users", json=again), 409, "uniqueness")
    found = answered(report, "Entra: finds the user", scim.get("/Users", params=query), 200)
    ids = [one.get("id") for one in found.get("Resources", [])]
    report.check("Entra: the one user", ids == [made.get("id")], found)
    changed = patch(
        {"op": "Replace", "path": 'emails[type eq "work"].value', "value": f"new-{name}"},
        {"op": "Add", "path": "name.familyName", "value": "Beech"},
        {"op": "Replace", "path": f"{ENTERPRISE}:department", "value": "Archive"},
    )
    found = answered(report, "Entra: changes the user", scim.ask("PATCH", path, json=changed), 200)
    addresses = [one.get("value") for one in found.get("emails", [])]
    report.check("Entra: the e-mail address", addresses == [f"new-{name}"], found)
    report.check("Entra: the family name", found.get("name", {}).get("familyName") == "Beech", found)
    group(report, scim, made.get("id", ""))
    disabled = patch({"op": "Replace", "path": "active", "value": "False"})
    found = answered(report, "Entra: disables the user", scim.ask("PATCH", path, json=disabled), 200)
    report.check("Entra: the user is not active", found.get("active") is False, found)
    answered(report, "Entra: deletes the user", scim.ask("DELETE", path), 204)
    refused(report, "Entra: reads a deleted user", scim.get(path), 404)


def group(report: Report, scim: Plain, member: str) -> None:
    """A group is a role: a client gives and takes it, and makes none."""
    query = {"excludedAttributes": "members", "filter": f'displayName eq "{ROLE}"'}
    found = answered(report, "Entra: finds the group", scim.get("/Groups", params=query), 200)
    groups = found.get("Resources", [])
    report.check("Entra: one group, without members", len(groups) == 1 and "members" not in groups[0], found)
    path = f"/Groups/{groups[0]['id'] if groups else ''}"
    given = patch({"op": "Add", "path": "members", "value": [{"$ref": None, "value": member}]})
    answered(report, "Entra: gives the role", scim.ask("PATCH", path, json=given), 200)
    roles = body(scim.get(f"/Users/{member}")).get("roles", [])
    report.check("Entra: the user has the role", [one.get("value") for one in roles] == [ROLE], roles)
    taken = patch({"op": "Remove", "path": "members", "value": [{"$ref": None, "value": member}]})
    answered(report, "Entra: takes the role", scim.ask("PATCH", path, json=taken), 200)
    roles = body(scim.get(f"/Users/{member}")).get("roles", [])
    report.check("Entra: the user has no role", roles == [], roles)
    for kind in ("platform-admin", "Anything else"):
        made_up = {"schemas": [GROUP], "displayName": kind, "members": [{"value": member}]}
        refused(report, f"makes the group {kind}", scim.ask("POST", "/Groups", json=made_up), 400, "invalidValue")


def okta(report: Report, scim: Plain) -> None:
    """https://developer.okta.com/docs/api/openapi/okta-scim/guides/scim-20"""
    name = f"{uuid.uuid4()}@records.example"
    page = {"filter": f'userName eq "{name}"', "startIndex": 1, "count": 100}
    found = answered(report, "Okta: looks for the user", scim.get("/Users", params=page), 200)
    report.check("Okta: an empty page from 1", (found.get("totalResults"), found.get("startIndex")) == (0, 1), found)
    user = {
        "schemas": [USER],
        "userName": name,
        "name": {"givenName": "Sam", "familyName": "Rowe"},
        "emails": [{"primary": True, "value": name, "type": "work"}],
        "displayName": "Sam Rowe",
        "locale": "en-GB",
        "externalId": str(uuid.uuid4()),
        "groups": [],
        "password": "not-kept",
        "active": True,
    }
    answer = scim.ask("POST", "/Users", json=user)
    made = answered(report, "Okta: adds a user", answer, 201)
    report.check("Okta: no password comes back", "password" not in made and "not-kept" not in answer.text)
    path, etag = f"/Users/{made.get('id')}", answer.headers.get("ETag", "")
    report.check("Okta: the version", bool(etag) and made.get("meta", {}).get("version") == etag, answer.headers)
    unchanged = scim.get(path, headers={"If-None-Match": etag})
    report.check("Okta: 304 for the version that it has", unchanged.status_code == 304, unchanged.status_code)
    replaced = {**user, "id": made.get("id"), "displayName": "Samuel Rowe"}
    found = answered(report, "Okta: replaces the user", scim.ask("PUT", path, json=replaced), 200)
    report.check("Okta: the new name", found.get("displayName") == "Samuel Rowe", found)
    stale = scim.ask("PUT", path, json=user, headers={"If-Match": etag})
    refused(report, "Okta: replaces a version that is old", stale, 412)
    pushed = patch(
        {"op": "replace", "value": {"id": ROLE, "displayName": ROLE}},
        {"op": "add", "path": "members", "value": [{"value": made.get("id"), "display": name}]},
    )
    answered(report, "Okta: pushes a group", scim.ask("PATCH", f"/Groups/{ROLE}", json=pushed), 200)
    left = patch({"op": "remove", "path": f'members[value eq "{made.get("id")}"]'})
    found = answered(report, "Okta: removes a member", scim.ask("PATCH", f"/Groups/{ROLE}", json=left), 200)
    members = [one.get("value") for one in found.get("members", [])]
    report.check("Okta: the member is gone", made.get("id") not in members, members)
    ended = patch({"op": "replace", "value": {"active": False}})
    found = answered(report, "Okta: deactivates the user", scim.ask("PATCH", path, json=ended), 200)
    report.check("Okta: the user is not active", found.get("active") is False, found)


def refusals(report: Report, scim: Plain, base: str, client: str) -> None:
    refused(report, "without a token", Plain(base, None).get("/Users"), 401)
    refused(report, "with a token that nobody made", Plain(base, "lcr-scim-invented").get("/Users"), 401)
    refused(report, "with another scope", Plain(base, client).get("/Users"), 403)
    malformed = scim.ask("POST", "/Users", data=b'{"userName": ', headers={"Content-Type": SCIM_JSON})
    refused(report, "a body that breaks off", malformed, 400, "invalidSyntax")
    refused(report, "a list for a user", scim.ask("POST", "/Users", json=[]), 400, "invalidSyntax")
    for text in ("userName", 'userName eq "', "(" * 50, 'userName eq "a" and', "emails[type eq"):
        refused(report, f"the filter {text[:20]}", scim.get("/Users", params={"filter": text}), 400, "invalidFilter")
    refused(report, "a user of nobody", scim.get(f"/Users/{uuid.uuid4()}"), 404)


def main(port: str, administrator: str, client: str) -> int:
    report, base = Report(), f"http://localhost:{port}/scim/v2"
    token = scim_token(report, port, administrator)
    scim = Plain(base, token)
    scim.session.headers["Accept"] = SCIM_JSON
    tested_by_others(report, base, token)
    entra(report, scim)
    okta(report, scim)
    refusals(report, scim, base, client)
    return report.end()


if __name__ == "__main__":
    if len(sys.argv) != 4:
        sys.exit("usage: scim.py PORT ADMINISTRATOR CLIENT")
    sys.exit(main(*sys.argv[1:]))
