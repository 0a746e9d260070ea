#!/usr/bin/env python3
"""Writes elements.txt: HL7's definitions of the elements of the FHIR types we read, and of the types these use.

Usage: elements.py DEFINITIONS > elements.txt

DEFINITIONS is a folder with profiles-types.json, profiles-resources.json and valuesets.json, as HL7 publishes them
for FHIR R4 (4.0.1, definitions.json.zip of the specification, CC0). Nothing else is read, and nothing is fetched.
"""

import json
import pathlib
import sys

READ = """Patient AllergyIntolerance Condition MedicationRequest MedicationStatement Observation DiagnosticReport
DocumentReference ServiceRequest Appointment Encounter Procedure Immunization RelatedPerson CarePlan Flag Task
Medication Practitioner Organization EpisodeOfCare""".split()

# `Element` holds the id and extensions of a primitive.
ALWAYS = ["Element", "Extension"]

# Not checked: we do not read these choices and they have no clinical meaning, so a malformed one must not fail the resource.
# The value of an extension is defined by its own profile.
UNCHECKED = """Extension.value[x] Annotation.author[x] DataRequirement.subject[x]
Immunization.protocolApplied.seriesDoses[x] MedicationRequest.reported[x] Patient.multipleBirth[x]
TriggerDefinition.timing[x]""".split()

# Sets that HL7 closes and we leave open: an unknown code is shown with its own text, or with a hint to check the source.
OPEN = """all-types care-plan-activity-kind care-plan-intent event-timing immunization-status medication-statement-status
medication-status medicationrequest-intent medicationrequest-status task-intent units-of-time""".split()

HEAD = """# FHIR R4 (4.0.1): elements of the types we read, of HL7's definitions (CC0). Made by elements.py, never edited.
# `= set codes`: a closed set of codes. A type stands alone on its line; below it, each element with its types.
# After a name: `!` is 1..1, `*` is 0..*, `+` is 1..*, nothing is 0..1. `[x]` is a choice; `code:set` is of that set.
"""


def resources(folder, name):
    return [entry["resource"] for entry in json.loads((folder / name).read_text())["entry"]]


def structures(folder):
    found = {}
    for name in ("profiles-types.json", "profiles-resources.json"):
        for one in resources(folder, name):
            if one["resourceType"] == "StructureDefinition" and one.get("derivation") != "constraint":
                found[one["type"]] = one
    return found


def value_sets(folder):
    """The codes of each value set that lists all its codes, or whose code systems do."""
    all_of = resources(folder, "valuesets.json")
    systems = {one["url"]: one for one in all_of if one["resourceType"] == "CodeSystem"}
    sets = [one for one in all_of if one["resourceType"] == "ValueSet" and one["id"] not in OPEN]
    return {one["url"]: codes for one in sets if (codes := listed(one, systems))}


def listed(value_set, systems):
    compose, found = value_set.get("compose", {}), []
    if "exclude" in compose:
        return None
    for part in compose.get("include", []):
        if "filter" in part or "valueSet" in part:
            return None
        system = systems.get(part.get("system"), {})
        if "concept" in part:
            found += [one["code"] for one in part["concept"]]
        elif system.get("content") == "complete" and "concept" in system:
            found += below(system["concept"])
        else:
            return None
    return sorted(set(found))


def below(concepts):
    return [code for one in concepts for code in [one["code"], *below(one.get("concept", []))]]


def of_element(element, sets):
    """The types of an element, as the table writes them."""
    if "contentReference" in element:
        return [element["contentReference"].split("#")[1]]
    if any(one["code"] in ("BackboneElement", "Element") for one in element["type"]):
        return [element["path"]]
    binding = element.get("binding", {})
    url = binding.get("valueSet", "").split("|")[0] if binding.get("strength") == "required" else None
    written = []
    for one in element["type"]:
        code = "string" if one["code"].startswith("http://hl7.org/fhirpath/") else one["code"]
        written.append(f"code:{url.rsplit('/', 1)[1]}" if code == "code" and url in sets else code)
    return written


def elements(structure, sets):
    """The type of a structure and those of its parts, each with lines of (name, mark, types)."""
    found = {structure["type"]: []}
    for element in structure["snapshot"]["element"][1:]:
        path, name = element["path"].rsplit(".", 1)
        if element["path"] in UNCHECKED or element["max"] == "0":
            continue
        many = element["max"] != "1"
        mark = ("+" if many else "!") if element["min"] else ("*" if many else "")
        found.setdefault(path, []).append((name, mark, of_element(element, sets)))
    return found


def main(folder):
    sets, known = value_sets(folder), structures(folder)
    by_name = {url.rsplit("/", 1)[1]: codes for url, codes in sets.items()}
    types, to_do, used = {}, [*READ, *ALWAYS], set()
    while to_do:
        name = to_do.pop(0)
        if name in types or name == "Resource" or known.get(name, {}).get("kind") == "primitive-type":
            continue
        structure = known.get(name)
        if not structure or structure["fhirVersion"] != "4.0.1":
            sys.exit(f"{name} is not among the definitions of R4")
        for part, lines in elements(structure, sets).items():
            types[part] = lines
            named = [one for _, _, of in lines for one in of]
            used |= {one.split(":")[1] for one in named if ":" in one}
            to_do += [one for one in named if ":" not in one and one not in types]
    print(HEAD, end="")
    for name in sorted(used):
        print("=", name, *by_name[name])
    for name in sorted(types):
        print(name)
        for element, mark, of in types[name]:
            print(f"  {element}{mark}", *of)


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]))
