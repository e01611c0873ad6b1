#!/usr/bin/python3
"""helm_test.py: the chart under real Helm: lint, render, strict offline validation, policy, and values that must be refused."""
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
TOOLS = ROOT / "build" / "tools"
CHART = ROOT / "helm" / "tocsin"
HELM, VALIDATE, KUBE = "v3.19.0", "1.37.0", "1.31.0"
problems = []


def skip(why):
    print(f"the chart was not tested: {why}")
    sys.exit(77)


def find_helm():
    """Helm of this version: what stands ready, or built once from Go's module proxy."""
    if (TOOLS / "helm").exists():
        return TOOLS / "helm"
    go = shutil.which("go")
    version = re.search(r"go(\d+)\.(\d+)", subprocess.run([go, "version"], stdout=subprocess.PIPE, check=False).stdout.decode()) if go else None
    if not version or (int(version[1]), int(version[2])) < (1, 24):
        skip("Helm 3.19 is built with Go 1.24 or newer, and there is none here")
    print(f"building Helm {HELM} (once, a few minutes)", flush=True)
    TOOLS.mkdir(parents=True, exist_ok=True)
    subprocess.run([go, "install", f"helm.sh/helm/v3/cmd/helm@{HELM}"], env=dict(os.environ, GOBIN=str(TOOLS)), cwd="/", check=True)
    return TOOLS / "helm"


def find_validator():
    """kubernetes-validate carries the API's JSON schemas, so nothing is asked of a cluster or a network."""
    folder = TOOLS / "python"
    if not (folder / "kubernetes_validate").exists():
        python = shutil.which("python3")
        if subprocess.run([python, "-m", "pip", "--version"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False).returncode:
            skip("kubernetes-validate comes from PyPI, and there is no pip")
        subprocess.run([python, "-m", "pip", "install", "-q", "--target", folder, f"kubernetes-validate=={VALIDATE}"], check=True)
    return folder


def expect(truth, what):
    if not truth:
        problems.append(what)


def render(helm, *values):
    words = [helm, "template", "shop", CHART, "--namespace", "privacy", "--kube-version", KUBE]
    for file in values:
        words += ["-f", file]
    return subprocess.run(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False)


def check_pod(name, pod, metrics):
    """The restricted pod security standard, and our own rules."""
    spec, container = pod["spec"], pod["spec"]["containers"][0]
    expect(len(spec["containers"]) == 1 and "initContainers" not in spec, f"{name}: one container")
    expect(spec["automountServiceAccountToken"] is False, f"{name}: no service account token")
    expect(spec["securityContext"]["runAsNonRoot"] is True and spec["securityContext"]["runAsUser"] > 0, f"{name}: not root")
    expect(spec["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}, f"{name}: seccomp")
    context = container["securityContext"]
    expect(context == {"allowPrivilegeEscalation": False, "readOnlyRootFilesystem": True, "capabilities": {"drop": ["ALL"]}}, f"{name}: restricted container")
    expect(not container["image"].endswith(":latest") and ":" in container["image"], f"{name}: a pinned image")
    expect(container["resources"]["requests"].keys() >= {"cpu", "memory"}, f"{name}: requests")
    expect(all(key in container for key in ("startupProbe", "livenessProbe", "readinessProbe")), f"{name}: probes")
    expect("hostPath" not in str(spec) and "env" not in container, f"{name}: no host paths, no environment")
    expect([port["name"] for port in container.get("ports", [])] == (["metrics"] if metrics else []), f"{name}: the metrics port only")
    for volume in spec["volumes"]:
        expect(volume["name"] in [mount["name"] for mount in container["volumeMounts"]], f"{name}: volume {volume['name']} is used")


def check_good(helm, python, yaml, values, tocsin):
    name = values.name
    lint = subprocess.run([helm, "lint", "--strict", "--kube-version", KUBE, CHART, "-f", values], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
    expect(lint.returncode == 0, f"{name}: helm lint: {lint.stdout.decode()}")
    rendered = render(helm, values)
    expect(rendered.returncode == 0, f"{name}: helm template: {rendered.stderr.decode()}")
    if rendered.returncode:
        return
    import kubernetes_validate
    documents = [document for document in yaml.safe_load_all(rendered.stdout) if document]
    kinds = sorted(document["kind"] for document in documents)
    expect(kinds == ["ConfigMap", "Service", "StatefulSet"], f"{name}: kinds {kinds}")
    for document in documents:
        try:
            kubernetes_validate.validate(document, KUBE, strict=True)
        except kubernetes_validate.ValidationError as error:
            problems.append(f"{name}: {document['kind']}: {error.message}")
        expect(document["metadata"]["labels"]["app.kubernetes.io/name"] == "tocsin", f"{name}: labels")
    by_kind = {document["kind"]: document for document in documents}
    said = yaml.safe_load(values.read_text()) or {}
    metrics = said.get("metrics", {}).get("enabled", False)
    stateful = by_kind["StatefulSet"]["spec"]
    expect(stateful["replicas"] == 1, f"{name}: one replica")
    check_pod(name, stateful["template"], metrics)
    selector = by_kind["Service"]["spec"]["selector"]
    expect(selector.items() <= stateful["template"]["metadata"]["labels"].items(), f"{name}: the service selects the pod")
    config = yaml.safe_load(by_kind["ConfigMap"]["data"]["tocsin.yml"])
    defaults = yaml.safe_load((CHART / "values.yaml").read_text())["config"]
    for key, value in {**defaults, **said.get("config", {})}.items():
        if key not in ("serve",):
            expect(config[key] == value, f"{name}: config.{key} is passed through word for word")
    if tocsin and not said:  # The default installation's file is one that the daemon takes.
        file = TOOLS / "rendered-tocsin.yml"
        file.write_text(by_kind["ConfigMap"]["data"]["tocsin.yml"].replace("/usr/share/tocsin/rules", str(ROOT / "rules")))
        done = subprocess.run([tocsin, "check", "--config", file], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
        expect(done.returncode == 0, f"{name}: tocsin check: {done.stdout.decode()}")


def main():
    helm = find_helm()
    python = find_validator()
    sys.path.insert(0, str(python))
    try:
        import yaml
        import kubernetes_validate  # noqa: F401
    except ImportError:  # Built for another Python than Debian's: run again with that one.
        other = shutil.which("python3")
        if os.environ.get("TOCSIN_HELM_TEST") or not other:
            raise
        os.execve(other, [other, __file__], dict(os.environ, TOCSIN_HELM_TEST="1"))
    tocsin = os.environ.get("TOCSIN", "")
    good = sorted((CHART / "ci").glob("*.yaml"))
    bad = sorted((CHART / "bad").glob("*.yaml"))
    expect(len(good) >= 2 and len(bad) >= 8, "values files are there")
    for values in good:
        check_good(helm, python, yaml, values, tocsin)
    for values in bad:
        wanted = values.read_text().splitlines()[0].removeprefix("# expect: ")
        rendered = render(helm, values)
        expect(rendered.returncode != 0, f"bad/{values.name}: was accepted")
        expect(wanted in rendered.stderr.decode(), f"bad/{values.name}: the reason does not name `{wanted}`: {rendered.stderr.decode()}")
    for problem in problems:
        print(f"FAILED: {problem}")
    print(f"{len(good)} good and {len(bad)} bad values files")
    sys.exit(1 if problems else 0)


main()
