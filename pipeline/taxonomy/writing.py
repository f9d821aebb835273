"""Writing: change a taxonomy file as a careful person would: only what changed, comments and order kept.

A code that is not in the taxonomy goes; who may take one out is decided before (see `editing`).

Errors: none of its own.
"""

import io
import re
from collections.abc import Sequence
from typing import Any

from pipeline.taxonomy.codes import Code, Taxonomy, describe_code

# Fields that are written on one line, as in the default file.
ON_ONE_LINE = ("name", "cost", "target")
FIELDS = (
    "number", "name", "owner", "customer", "company", "examples", "not_examples", "cost", "target", "status",
    "merged_into",
)  # fmt: skip
NO_WRAP = 1 << 20  # characters a line: sentences are never broken


def edit_yaml(content: str, old: Taxonomy, new: Taxonomy) -> str:
    """Write a taxonomy into the text of its file.

    Args:
        content: The text.
        old: What the text says.
        new: What it should say.
    """
    yaml, tree = _load(content)
    by_number = {str(node["number"]).strip(): node for node in tree["codes"]}
    for code in old.codes:
        after = new.find_code(code.number)
        if after is None:
            _remove_code(tree["codes"], by_number[code.number])
        elif after != code:
            _edit_code(by_number[code.number], describe_code(code), describe_code(after))
    _append_codes(tree["codes"], [code for code in new.codes if code.number not in by_number])
    for name in ("version", "currency"):
        if getattr(new, name) != getattr(old, name):
            tree[name] = getattr(new, name)
    text = io.StringIO()
    yaml.dump(tree, text)
    return text.getvalue()


def _load(content: str) -> tuple[Any, Any]:
    from ruamel.yaml import YAML
    from ruamel.yaml.comments import CommentedMap, CommentedSeq

    yaml = YAML()
    yaml.preserve_quotes, yaml.width, yaml.allow_unicode = True, NO_WRAP, True
    dash = re.search(r"^( *)- +[\w\"']+ *:", content, re.MULTILINE)
    offset = len(dash[1]) if dash else 2
    yaml.indent(mapping=2, sequence=offset + 2, offset=offset)
    tree = yaml.load(content)
    tree = CommentedMap() if tree is None else tree
    if not tree.get("codes"):
        tree["codes"] = CommentedSeq()
    tree["codes"].fa.set_block_style()
    return yaml, tree


def _append_codes(nodes: Any, codes: Sequence[Code]) -> None:  # noqa: ANN401
    """Put new codes last, an empty line before each."""
    for code in codes:
        if nodes:
            tail = _take_tail(nodes)
            _put_tail(nodes, tail if tail.startswith("\n") else f"\n{tail}")
        nodes.append(_make_code(describe_code(code)))


def _remove_code(nodes: Any, node: Any) -> None:  # noqa: ANN401
    """Take a code out; comments that follow it stay, and so does no empty line that stood before it as the last one."""
    index = next(at for at, one in enumerate(nodes) if one is node)
    tail, is_last = _take_tail(node), index == len(nodes) - 1
    nodes.pop(index)
    if index:
        before = _take_tail(nodes[index - 1])
        _put_tail(nodes[index - 1], tail if is_last and not before.strip() else before + tail)


def _make_code(fields: dict[str, object]) -> Any:  # noqa: ANN401
    from ruamel.yaml.comments import CommentedMap

    node = CommentedMap()
    for name, value in fields.items():
        node[name] = _make_value(name, value)
    return node


def _make_value(name: str, value: object) -> Any:  # noqa: ANN401
    from ruamel.yaml.comments import CommentedMap, CommentedSeq

    if isinstance(value, dict):
        node = CommentedMap((key, _make_scalar(one)) for key, one in value.items())
        if name in ON_ONE_LINE:
            node.fa.set_flow_style()
        return node
    return CommentedSeq(_make_value("", one) for one in value) if isinstance(value, list) else _make_scalar(value)


def _make_scalar(value: object) -> object:
    """Quote a text that ruamel.yaml writes bare between braces, where a reader takes its first character for a sign."""
    from ruamel.yaml.scalarstring import SingleQuotedScalarString

    return SingleQuotedScalarString(value) if isinstance(value, str) and value[:1] in (":", "?") else value


def _edit_code(node: Any, old: dict[str, Any], new: dict[str, Any]) -> None:  # noqa: ANN401
    tail = _take_tail(node)
    for name in FIELDS:
        before, after = old.get(name), new.get(name)
        if before == after:
            continue
        if after is None:
            node.pop(name, None)
        elif isinstance(after, list) and node.get(name):
            _edit_list(node, name, after)
        elif isinstance(after, dict) and isinstance(node.get(name), dict):
            _edit_mapping(node[name], after)
        elif name in node:
            node[name] = _make_value(name, after)
        else:
            node.insert(_find_place(node, name), name, _make_value(name, after))
    _put_tail(node, tail)


def _edit_mapping(node: Any, wanted: dict[str, Any]) -> None:  # noqa: ANN401
    for key in [key for key in node if key not in wanted]:
        del node[key]
    for key, value in wanted.items():
        if node.get(key) != value:
            node[key] = _make_scalar(value)


def _edit_list(parent: Any, name: str, wanted: list[Any]) -> None:  # noqa: ANN401
    """Take out what went and put in what came; sentences that stay keep their comments and their place."""
    node = parent[name]
    tail = "" if node.fa.flow_style() else _take_tail(node)
    kept = [_to_plain(one) for one in node]
    if [one for one in kept if one in wanted] != [one for one in wanted if one in kept]:
        parent[name] = _make_value(name, wanted)
    else:
        for index in reversed([index for index, one in enumerate(kept) if one not in wanted]):
            node.pop(index)
        for index, one in enumerate(wanted):
            if one not in kept:
                node.insert(index, _make_value("", one))
    _put_tail(parent[name], tail)


def _to_plain(item: Any) -> object:  # noqa: ANN401
    """Write an item of a list as `describe_code` does."""
    if isinstance(item, dict):
        text, call_id = str(item.get("text") or "").strip(), item.get("call_id")
        return {"text": text, "call_id": str(call_id)} if call_id else text
    return str(item).strip()


def _find_place(node: Any, name: str) -> int:  # noqa: ANN401
    """Find where a field belongs: behind the last of those that come before it."""
    before = FIELDS[: FIELDS.index(name)]
    return max((index + 1 for index, key in enumerate(node) if key in before), default=0)


def _take_tail(node: Any) -> str:  # noqa: ANN401
    """Cut off the empty lines and comments that follow a node's last line."""
    items, slot, place = _find_last(node)
    token = items[slot][place] if slot in items else None
    if token is None:
        return ""
    head, line_end, tail = token.value.partition("\n")
    token.value = head + line_end
    if not head.strip():
        items[slot][place] = None
    return str(tail)


def _put_tail(node: Any, tail: str) -> None:  # noqa: ANN401
    """Hang such lines behind a node's last line."""
    from ruamel.yaml.error import CommentMark
    from ruamel.yaml.tokens import CommentToken

    if not tail:
        return
    items, slot, place = _find_last(node)
    token = items[slot][place] if slot in items else None
    if token is None:
        items.setdefault(slot, [None, None, None, None])[place] = CommentToken(f"\n{tail}", CommentMark(0), None)
    else:
        token.value += tail


def _find_last(node: Any) -> tuple[Any, Any, int]:  # noqa: ANN401
    """Find where the comment behind a node's last line hangs: a holder's comments, the slot, the place in it."""
    if isinstance(node, dict):
        slot, place = next(reversed(node)), 2
    else:
        slot, place = len(node) - 1, 0
    last: Any = node[slot]
    if hasattr(last, "fa") and last and not last.fa.flow_style():
        return _find_last(last)
    return node.ca.items, slot, place
