"""Runs a Tiltfile with builtins that only record their calls, and prints the calls as JSON.

It replaces Tilt, whose language is Starlark. It must never build anything or reach a cluster.
"""

import json
import pathlib
import sys

import starlark
import yaml

RECORDED = [
    "version_settings", "allow_k8s_contexts", "local_resource", "k8s_yaml", "k8s_resource", "docker_build", "helm",
    "define_string_list", "set_enabled_resources",
]
# `config` is the one builtin with members.
PRELUDE = """
config = struct(
    define_string_list = define_string_list,
    set_enabled_resources = set_enabled_resources,
    parse = parse,
)
"""


def run(path: pathlib.Path) -> list:
    """The calls of a Tiltfile, in order."""
    calls = []

    def recorder(name):
        def record(*positional, **named):
            calls.append({"builtin": name, "positional": positional, "named": named})
            return name

        return record

    module = starlark.Module()
    for name in RECORDED:
        module.add_callable(name, recorder(name))
    module.add_callable("parse", lambda: {})
    module.add_callable("read_yaml", lambda file: yaml.safe_load((path.parent / file).read_text()))
    dialect = starlark.Dialect.extended()
    extensions = starlark.Globals.extended_by([starlark.LibraryExtension.StructType])
    source = PRELUDE + path.read_text()
    starlark.eval(module, starlark.parse(path.name, source, dialect), extensions)
    return calls


if __name__ == "__main__":
    print(json.dumps(run(pathlib.Path(sys.argv[1]))))
