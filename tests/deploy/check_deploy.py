#!/usr/bin/env python3
"""Holds deploy/ to what it deploys: probes are paths that the contract has and leaves open, arguments are
words that `writ serve` takes, no container has more rights than it needs, and no secret has a default."""

import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

import yaml

ROOT = pathlib.Path(__file__).resolve().parents[2]
DEPLOY = ROOT / "deploy"
problems: list[str] = []


def expect(holds: bool, problem: str) -> None:
    if not holds:
        problems.append(problem)


def open_paths() -> set[str]:
    contract = yaml.safe_load((ROOT / "contracts/openapi.yaml").read_text())
    return {path for path, item in contract["paths"].items()
            if "get" in item and any(not way for way in item["get"].get("security", [{"": []}]) or [{}])}


def check_arguments(where: str, arguments: list[str], help_text: str) -> None:
    expect(arguments[:1] == ["serve"], f"{where}: runs {arguments[:1]}, not serve")
    for word in arguments:
        if word.startswith("--"):
            expect(re.search(rf"{re.escape(word)}\b", help_text) is not None,
                   f"{where}: `writ serve` has no {word}")


def check_kubernetes(help_text: str) -> None:
    documents = list(yaml.safe_load_all((DEPLOY / "kubernetes/writ.yaml").read_text()))
    kinds = sorted(document["kind"] for document in documents)
    expect(kinds == ["Deployment", "PodDisruptionBudget", "Service", "ServiceAccount"],
           f"kubernetes: holds {kinds}")
    deployment = next(d for d in documents if d["kind"] == "Deployment")
    service = next(d for d in documents if d["kind"] == "Service")
    pod = deployment["spec"]["template"]
    expect(service["spec"]["selector"].items() <= pod["metadata"]["labels"].items(),
           "kubernetes: the service selects no pod")
    container = pod["spec"]["containers"][0]
    check_arguments("kubernetes", container["args"], help_text)
    paths = open_paths()
    for probe in ("startupProbe", "livenessProbe", "readinessProbe"):
        path = container[probe]["httpGet"]["path"]
        expect(path in paths, f"kubernetes: {probe} asks for {path}, which the contract does not leave open")
    rights = container["securityContext"]
    expect(rights["readOnlyRootFilesystem"] and not rights["allowPrivilegeEscalation"]
           and rights["capabilities"] == {"drop": ["ALL"]}, "kubernetes: the container has rights to spare")
    expect(pod["spec"]["securityContext"]["runAsNonRoot"] is True, "kubernetes: runs as root")
    mounts = [mount["mountPath"] for mount in container["volumeMounts"]]
    for entry in container["env"]:
        is_mounted = any(entry.get("value", "").startswith(place + "/") for place in mounts)
        expect("value" not in entry or is_mounted, f"kubernetes: {entry['name']} stands in the manifest")


def check_compose(help_text: str) -> None:
    compose = yaml.safe_load((DEPLOY / "compose/compose.yaml").read_text())
    server = compose["services"]["server"]
    check_arguments("compose", server["command"], help_text)
    expect(server["cap_drop"] == ["ALL"] and server["read_only"], "compose: the server has rights to spare")
    for port in server["ports"]:
        expect(port.startswith("127.0.0.1:"), f"compose: {port} is open to everybody")
    password = compose["services"]["database"]["environment"]["POSTGRES_PASSWORD"]
    expect(password.startswith("${POSTGRES_PASSWORD:?"), "compose: the database has a password by default")


def check_systemd(help_text: str) -> None:
    unit = (DEPLOY / "systemd/writ.service").read_text()
    command = re.search(r"^ExecStart=(.*)$", unit, re.MULTILINE)
    expect(command is not None, "systemd: starts nothing")
    words = command.group(1).split() if command else []
    check_arguments("systemd", words[words.index("serve"):] if "serve" in words else [], help_text)
    analyze = shutil.which("systemd-analyze")
    if analyze is None:
        print("systemd-analyze is not here: the unit was not verified")
        return
    with tempfile.TemporaryDirectory() as folder:
        # The binary is where users install it, not here.
        copy = pathlib.Path(folder) / "writ.service"
        copy.write_text(unit.replace("/usr/local/bin/writ", "/bin/true"))
        done = subprocess.run([analyze, "verify", str(copy)], capture_output=True, text=True, check=False)
        complaints = [line for line in done.stderr.splitlines() if "writ.service" in line]
        expect(not complaints, "systemd: " + "; ".join(complaints))


def main() -> int:
    help_text = subprocess.run([sys.argv[1], "serve", "--help"], capture_output=True, text=True,
                               check=True).stdout
    check_kubernetes(help_text)
    check_compose(help_text)
    check_systemd(help_text)
    for problem in problems:
        print(problem)
    print("deploy: " + ("holds" if not problems else f"{len(problems)} problems"))
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
