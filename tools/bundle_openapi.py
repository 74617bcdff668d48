#!/usr/bin/env python3
"""Bundles src/api/spec/*.yaml into docs/ref/openapi.json, the API's one document.

usage: bundle_openapi.py [--check]

A file holds the paths and components of one collection. `x-collection` stands for the five usual operations
(list, create, get, patch, delete) over a table of the state store; what the store needs is kept under the
document's `x-collections`. Every operation gets the problem response; where `x-permission` is none, it is open. What does
not say by `x-limit` what it counts for, counts for `default` when it reads and for `write` when it changes. With
--check nothing is written: it fails when the committed document is not what the files say. What is wrong with the files
is said in either case: references that lead nowhere, operations without a tag or a permission, parameters of paths that are not declared.
"""
import json
import pathlib
import re
import sys

import yaml

ROOT = pathlib.Path(__file__).resolve().parent.parent
SPEC = ROOT / "src/api/spec"
PERMISSIONS = ROOT / "src/auth/permission.def"
LIMITS = ROOT / "src/app/limit.def"
OUT = ROOT / "docs/ref/openapi.json"
METHODS = ("get", "post", "put", "patch", "delete")


def ref(kind, name):
    return {"$ref": f"#/components/{kind}/{name}"}


def body(name, media="application/json"):
    return {"content": {media: {"schema": ref("schemas", name)}}}


def collection_paths(spec):
    """The five operations of a collection."""
    name, one, many = spec["name"], spec["text"]["one"], spec["text"]["many"]
    article = "an" if one[0] in "aeiou" else "a"
    etag = {"headers": {"ETag": {"schema": {"type": "string"}}}}
    thing = {"description": f"The {one}.", **etag, **body(spec["schema"])}
    page = {"type": "object", "required": ["data", "next_cursor"], "properties": {
        "data": {"type": "array", "items": ref("schemas", spec["schema"])},
        "next_cursor": ref("schemas", "Cursor")}}
    common = {"tags": ["views"], "x-collection": name}
    narrowed = [ref("parameters", "folder"), ref("parameters", "starred")] if spec.get("shared") else []
    read, write = {"x-permission": f"{name}.read"}, {"x-permission": f"{name}.write"}
    listing = {
        "get": {"operationId": f"{name}_list", **common, **read, "summary": f"All {many}, by {spec['order']}",
                "parameters": [ref("parameters", "limit"), ref("parameters", "cursor"), *narrowed],
                "responses": {"200": {"description": "A page.",
                                      "content": {"application/json": {"schema": page}}}}},
        "post": {"operationId": f"{name}_create", **common, **write, "summary": f"Add {article} {one}",
                 "parameters": [ref("parameters", "idempotency_key")],
                 "requestBody": {"required": True, **body(spec["input"])},
                 "responses": {"201": {**thing, "headers": {**etag["headers"],
                                                            "Location": {"schema": {"type": "string"}}}}}}}
    item = {
        "parameters": [ref("parameters", "id")],
        "get": {"operationId": f"{name}_get", **common, **read, "summary": f"One {one}",
                "parameters": [ref("parameters", "if_none_match")],
                "responses": {"200": thing, "304": ref("responses", "NotModified")}},
        "patch": {"operationId": f"{name}_patch", **common, **write, "summary": f"Change {article} {one}",
                  "description": "A merge patch (RFC 7396).",
                  "parameters": [ref("parameters", "if_match")],
                  "requestBody": {"required": True, "content": {
                      media: {"schema": ref("schemas", spec["input"] + "Patch")}
                      for media in ("application/merge-patch+json", "application/json")}},
                  "responses": {"200": thing}},
        "delete": {"operationId": f"{name}_delete", **common, **write, "summary": f"Delete {article} {one}",
                   "parameters": [ref("parameters", "if_match")],
                   "responses": {"204": {"description": "It is gone."}}}}
    paths = {f"/api/v1/{name}": listing, f"/api/v1/{name}/{{id}}": item}
    if spec.get("shared"):
        paths[f"/api/v1/{name}/{{id}}/star"] = star_paths(name, one, {**common, **read})
    return paths


def star_paths(name, one, common):
    """Whoever sees it can star it."""
    article = "an" if one[0] in "aeiou" else "a"
    return {
        "parameters": [ref("parameters", "id")],
        "put": {"operationId": f"{name}_star", **common, "summary": f"Star {article} {one}, for oneself",
                "responses": {"204": {"description": "It is starred."}}},
        "delete": {"operationId": f"{name}_unstar", **common, "summary": f"Take one's star from {article} {one}",
                   "responses": {"204": {"description": "It is not starred."}}}}


def add_collection(document, spec):
    schemas = document["components"]["schemas"]
    whole = schemas[spec["input"]]
    schemas[spec["input"] + "Patch"] = {key: value for key, value in whole.items() if key != "required"}
    document["paths"].update(collection_paths(spec))
    document["x-collections"].append(
        {key: spec[key] for key in ("name", "table", "order", "owner", "shared", "fields") if key in spec})


def merge(document, part, where):
    for path, item in part.get("paths", {}).items():
        if path in document["paths"]:
            raise SystemExit(f"{where}: {path} is in another file already")
        document["paths"][path] = item
    for kind, entries in part.get("components", {}).items():
        there = document["components"].setdefault(kind, {})
        for name, entry in entries.items():
            if name in there:
                raise SystemExit(f"{where}: {kind}/{name} is in another file already")
            there[name] = entry


def bundle():
    document = yaml.safe_load((SPEC / "_common.yaml").read_text(encoding="utf-8"))
    document["x-collections"] = []
    collections = []
    for path in sorted(SPEC.glob("[a-z]*.yaml")):
        part = yaml.safe_load(path.read_text(encoding="utf-8"))
        unknown = set(part) - {"paths", "components", "x-collection"}
        if unknown:
            raise SystemExit(f"{path.name}: unknown {', '.join(sorted(unknown))}")
        merge(document, part, path.name)
        if "x-collection" in part:
            collections.append(part["x-collection"])
    for spec in collections:
        add_collection(document, spec)
    for item in document["paths"].values():
        for method in METHODS:
            if method in item:
                item[method]["responses"] = {**item[method]["responses"],
                                             "default": ref("responses", "Problem")}
                item[method].setdefault("x-limit", "default" if method == "get" else "write")
                if item[method]["x-limit"] != "none":
                    item[method]["responses"]["429"] = ref("responses", "TooManyRequests")
                if item[method].get("x-permission") == "none":
                    item[method]["security"] = []
    document["paths"] = dict(sorted(document["paths"].items()))
    for kind in document["components"]:
        document["components"][kind] = dict(sorted(document["components"][kind].items()))
    return document


def resolve(document, pointer):
    here = document
    for part in pointer[2:].split("/"):
        part = part.replace("~1", "/").replace("~0", "~")
        if not isinstance(here, dict) or part not in here:
            return None
        here = here[part]
    return here


def walk(node, trail=""):
    yield trail, node
    children = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    for key, value in children:
        yield from walk(value, f"{trail}/{key}")


def takes_password(document, node, seen=()):
    """Is there a password in a body, or in what its schema refers to?"""
    for _, inner in walk(node):
        if not isinstance(inner, dict):
            continue
        if any(name == "password" or schema.get("writeOnly") for name, schema in inner.get("properties", {}).items()):
            return True
        target = inner.get("$ref")
        if isinstance(target, str) and target not in seen and \
                takes_password(document, resolve(document, target), (*seen, target)):
            return True
    return False


def complaints(document):
    used = {f"#/components/securitySchemes/{name}" for scheme in document["security"] for name in scheme}
    for trail, node in walk(document):
        if isinstance(node, dict) and isinstance(node.get("$ref"), str):
            used.add(node["$ref"])
            if resolve(document, node["$ref"]) is None:
                yield f"{trail}: {node['$ref']} leads nowhere"
    for kind, entries in document["components"].items():
        for name in entries:
            if f"#/components/{kind}/{name}" not in used:
                yield f"components/{kind}/{name} is not used"
    tags = {tag["name"] for tag in document["tags"]}
    seen = {}
    permissions = {"none", "self", *re.findall(r'FTH_PERMISSION\("([^"]+)"', PERMISSIONS.read_text(encoding="utf-8"))}
    limits = {"none", *re.findall(r'^FTH_LIMIT\(\w+, "(\w+)"', LIMITS.read_text(encoding="utf-8"), re.M)}
    for path, item in document["paths"].items():
        for method in METHODS:
            if method not in item:
                continue
            operation, where = item[method], f"{method.upper()} {path}"
            name = operation.get("operationId", "")
            if not re.fullmatch(r"[a-z]+(_[a-z]+)+", name):
                yield f"{where}: operationId \"{name}\" is not of the form noun_verb"
            if operation.get("x-permission") not in permissions:
                yield f"{where}: x-permission is missing, or no row of src/auth/permission.def"
            if operation["x-limit"] not in limits:
                yield f"{where}: x-limit is no row of src/app/limit.def"
            if name in seen:
                yield f"{where}: operationId {name} is that of {seen[name]} too"
            seen[name] = where
            if not operation.get("summary") or not set(operation.get("tags", [])) <= tags:
                yield f"{where}: needs a summary and tags of the list"
            parameters = [resolve(document, p["$ref"]) if "$ref" in p else p
                          for p in item.get("parameters", []) + operation.get("parameters", [])]
            if any(p["name"] == "Idempotency-Key" for p in parameters) and \
                    takes_password(document, operation.get("requestBody", {})):
                yield f"{where}: of a request with a password no hash is kept: it takes no Idempotency-Key"
            declared = {p["name"] for p in parameters if p["in"] == "path"}
            if declared != set(re.findall(r"\{(\w+)\}", path)):
                yield f"{where}: declares the path parameters {sorted(declared)}"


def main():
    document = bundle()
    bad = list(complaints(document))
    for line in bad:
        print(line)
    text = json.dumps(document, indent=1, ensure_ascii=False) + "\n"
    if "--check" in sys.argv[1:]:
        if not OUT.exists() or OUT.read_text(encoding="utf-8") != text:
            print(f"{OUT.relative_to(ROOT)} is not what src/api/spec says: run tools/bundle_openapi.py")
            bad.append("stale")
    else:
        OUT.parent.mkdir(parents=True, exist_ok=True)
        OUT.write_text(text, encoding="utf-8")
    raise SystemExit(1 if bad else 0)


if __name__ == "__main__":
    main()
