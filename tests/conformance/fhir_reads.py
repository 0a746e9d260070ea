"""FHIR reads with third-party clients: `fhir_reads.py PORT TOKEN`, against a platform with the demo city. Prints one line
for each check and exits with code 1 after a failure. It must never run against real data, because failures print
answers."""

import sys
from importlib import import_module

from fhirclient.models.fhirabstractbase import FHIRValidationError
from fhirpy import SyncFHIRClient
from fhirpy.base.exceptions import BaseFHIRError

from plain import FHIR_JSON, Plain, body, is_outcome, refused
from report import Report

NHS_NUMBER = "https://fhir.nhs.uk/Id/nhs-number"
FREDRICA = f"{NHS_NUMBER}|9434765919"
NOBODY = f"{NHS_NUMBER}|9999999999"
TYPES = [
    "AllergyIntolerance", "Appointment", "CarePlan", "Condition", "DiagnosticReport", "DocumentReference", "Encounter",
    "Flag", "Immunization", "MedicationRequest", "Observation", "Procedure", "RelatedPerson", "ServiceRequest",
]  # fmt: skip
# What Fredrica is known to have in the demo city, so that an empty answer is not taken for a good one.
HELD = {"AllergyIntolerance", "Condition", "Encounter", "MedicationRequest", "Observation"}
READS = {"read", "vread", "search-type", "history-instance"}


def capability(report: Report, plain: Plain) -> dict[str, set[str]]:
    """What is offered for each type, which later checks hold the server to."""
    answer = plain.get("/metadata")
    found = body(answer)
    report.check("metadata: 200", answer.status_code == 200, answer.status_code)
    report.check("metadata: is FHIR JSON", answer.headers.get("Content-Type", "").startswith(FHIR_JSON), answer.headers)
    report.check("metadata: FHIR 4.0.1", found.get("fhirVersion") == "4.0.1", found.get("fhirVersion"))
    valid(report, "metadata", found)
    rest = next((one for one in found.get("rest", []) if one.get("mode") == "server"), {})
    resources = {one["type"]: one for one in rest.get("resource", [])}
    missing = [kind for kind in ["Patient", *TYPES] if kind not in resources]
    report.check("metadata: names every type that is served", not missing, missing)
    offers = {kind: {one["code"] for one in resource.get("interaction", [])} for kind, resource in resources.items()}
    for kind, offered in offers.items():
        report.check(f"metadata: {kind} is read, never written", bool(offered) and offered <= READS, offered)
    whole = {one["code"] for one in rest.get("interaction", [])}
    report.check("metadata: the system as a whole takes no writes", not whole & {"transaction", "batch"}, whole)
    return offers


def valid(report: Report, what: str, found: dict) -> None:
    """Against fhirclient's strict R4 classes: names, types and required elements, all the way down."""
    kind = found.get("resourceType", "")
    try:
        module = import_module(f"fhirclient.models.{kind.lower()}")
        getattr(module, kind)(found, strict=True)
        report.check(f"{what}: is valid R4", True)
    except (FHIRValidationError, ImportError, AttributeError, ValueError) as error:
        report.check(f"{what}: is valid R4", False, error)


def find(report: Report, plain: Plain, fhir: SyncFHIRClient) -> str | None:
    """The patient's id, found in three ways that must agree."""
    ways = {
        "GET": plain.get("/Patient", params={"identifier": FREDRICA}),
        "POST _search": plain.ask("POST", "/Patient/_search", data={"identifier": FREDRICA}),
    }
    ids = set()
    for way, answer in ways.items():
        found = body(answer)
        what = f"Patient by NHS number, {way}"
        report.check(f"{what}: 200", answer.status_code == 200, f"{answer.status_code} {answer.text[:300]}")
        report.check(f"{what}: is never kept by a cache", "no-store" in answer.headers.get("Cache-Control", ""), answer.headers)
        bundle(report, what, found)
        ids |= {one["id"] for one in matches(found)}
    try:
        ids |= {one["id"] for one in fhir.resources("Patient").search(identifier=FREDRICA).fetch_all()}
    except BaseFHIRError as error:
        report.check("Patient by NHS number: fhirpy finds it", False, error)
    report.check("Patient by NHS number: every way finds the same one", len(ids) == 1, ids)
    nobody = body(plain.get("/Patient", params={"identifier": NOBODY}))
    report.check("Patient by a number nobody has: an empty searchset", nobody.get("type") == "searchset" and not matches(nobody), nobody)
    return ids.pop() if len(ids) == 1 else None


def matches(found: dict) -> list[dict]:
    entries = found.get("entry", [])
    return [one["resource"] for one in entries if one.get("search", {}).get("mode", "match") == "match"]


def outcomes(found: dict) -> list[dict]:
    return [one["resource"] for one in found.get("entry", []) if one.get("search", {}).get("mode") == "outcome"]


def bundle(report: Report, what: str, found: dict) -> None:
    """What holds for every searchset."""
    report.check(f"{what}: is a searchset", found.get("type") == "searchset", found.get("resourceType"))
    valid(report, what, found)
    links = {one["relation"]: one["url"] for one in found.get("link", [])}
    report.check(f"{what}: says what was applied (link self)", "self" in links, links)
    modes = [one.get("search", {}).get("mode") for one in found.get("entry", [])]
    report.check(f"{what}: each entry says why it is there", all(mode in ("match", "include", "outcome") for mode in modes), modes)
    total, shown = found.get("total"), len(matches(found))
    report.check(f"{what}: its total counts matches alone", total is None or total == shown or ("next" in links and total > shown), total)
    report.check(f"{what}: each outcome is whole", all(is_outcome(one) for one in outcomes(found)), outcomes(found))


def about(resource: dict) -> set[str]:
    """Every patient whom a resource says it is about."""
    places = [resource.get("subject"), resource.get("patient"), *(one.get("actor") for one in resource.get("participant", []))]
    references = [place.get("reference", "") for place in places if isinstance(place, dict)]
    return {reference.rsplit("Patient/", 1)[1] for reference in references if "Patient/" in reference}


def by_patient(report: Report, plain: Plain, fhir: SyncFHIRClient, patient: str, offers: dict[str, set[str]]) -> None:
    silent = []
    for kind in TYPES:
        answer = plain.get(f"/{kind}", params={"patient": patient})
        found = body(answer)
        if not report.check(f"{kind}: 200", answer.status_code == 200, f"{answer.status_code} {answer.text[:300]}"):
            continue
        bundle(report, kind, found)
        resources = matches(found)
        wrong = [one.get("id") for one in resources if one["resourceType"] != kind or about(one) != {patient}]
        report.check(f"{kind}: each of {len(resources)} is about this patient", not wrong, wrong)
        if kind in HELD:
            report.check(f"{kind}: there is at least one", bool(resources))
        silent += [issue for one in outcomes(found) for issue in one["issue"]]
        library(report, fhir, kind, patient, resources, "read" in offers.get(kind, set()))
    # Children's social care agreed to nothing, so there is always a source to name.
    report.check("searches: sources that gave nothing are named", bool(silent), "no entry of mode outcome in any answer")


def library(report: Report, fhir: SyncFHIRClient, kind: str, patient: str, resources: list[dict], by_id: bool) -> None:
    """The same again with fhirpy, page by page, and one of them by its id where that is offered."""
    try:
        pages = fhir.resources(kind).search(patient=patient).fetch_all()
        report.check(f"{kind}: fhirpy reads it page by page", len(pages) >= len(resources), f"{len(pages)} of {len(resources)}")
        if resources and by_id:
            one = fhir.reference(kind, resources[0]["id"]).to_resource()
            report.check(f"{kind}: one is read by its id", about(one) == {patient} and one["id"] == resources[0]["id"], one.get("id"))
    except BaseFHIRError as error:
        report.check(f"{kind}: fhirpy reads it", False, error)


def read(report: Report, plain: Plain, patient: str) -> None:
    answer = plain.get(f"/Patient/{patient}")
    found = body(answer)
    report.check("Patient by id: 200", answer.status_code == 200, f"{answer.status_code} {answer.text[:300]}")
    report.check("Patient by id: is that patient", found.get("id") == patient, found.get("id"))
    numbers = [one.get("value") for one in found.get("identifier", []) if one.get("system") == NHS_NUMBER]
    report.check("Patient by id: carries the NHS number", numbers == ["9434765919"], found.get("identifier"))
    valid(report, "Patient by id", found)


def refusals(report: Report, plain: Plain, base: str, patient: str) -> None:
    invented = {"resourceType": "Patient", "name": [{"family": "Nobody"}]}
    headers = {"Content-Type": FHIR_JSON}
    for method, path in [("POST", "/Patient"), ("PUT", f"/Patient/{patient}"), ("PATCH", f"/Patient/{patient}"),
                         ("DELETE", f"/Patient/{patient}"), ("POST", "/Observation"), ("POST", "")]:  # fmt: skip
        refused(report, f"{method} {path.replace(patient, '{id}') or 'a batch'}", plain.ask(method, path, json=invented, headers=headers), 405)
    refused(report, "a type that does not exist", plain.get("/Unicorn"), 404)
    refused(report, "an id that does not exist", plain.get("/Patient/00000000-0000-7000-8000-000000000000"), 404)
    refused(report, "a search that names no patient", plain.get("/Observation"), 400, 403, 422)
    stranger = Plain(base, None)
    for path in (f"/Patient/{patient}", f"/Observation?patient={patient}"):
        answer = stranger.get(path)
        refused(report, f"without a token, {path.split('?')[0].replace(patient, '{id}')}", answer, 401)
        report.check("without a token: says how to authenticate", "bearer" in answer.headers.get("WWW-Authenticate", "").lower(), answer.headers)
    refused(report, "with a token that is none", Plain(base, "x.y.z").get(f"/Patient/{patient}"), 401)
    refused(report, "a format nobody speaks", plain.get(f"/Patient/{patient}", params={"_format": "text/turtle"}), 406)
    refused(report, "an Accept header nobody can meet", plain.get(f"/Patient/{patient}", headers={"Accept": "text/turtle"}), 406)


def main(port: str, token: str) -> int:
    base = f"http://localhost:{port}/fhir/R4"
    report = Report()
    plain = Plain(base, token)
    fhir = SyncFHIRClient(base, authorization=f"Bearer {token}")
    offers = capability(report, plain)
    patient = find(report, plain, fhir)
    if patient is not None:
        read(report, plain, patient)
        by_patient(report, plain, fhir, patient, offers)
        refusals(report, plain, base, patient)
    return report.end()


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit("usage: fhir_reads.py PORT TOKEN")
    sys.exit(main(sys.argv[1], sys.argv[2]))
