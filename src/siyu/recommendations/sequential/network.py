"""The network while it learns (PyTorch): a causal transformer over products, as functions of named tensors.

Kang and McAuley, "Self-attentive sequential recommendation", ICDM 2018; layers whose additions are gated (LiGR,
Borisyuk et al., 2025), as in eSASRec (Tikhonovich et al., RecSys 2025, arXiv 2508.06450). :mod:`.reading` computes the
same with numpy; what is named here is what is kept.
"""

from __future__ import annotations

from typing import Any, TypeAlias

import torch
from torch.nn.functional import dropout, layer_norm, scaled_dot_product_attention, silu

from siyu.recommendations.sequential.options import SequentialOptions

Tensor: TypeAlias = Any
Tensors: TypeAlias = dict[str, Tensor]


def made(products: int, options: SequentialOptions, generator: Any) -> Tensors:
    """A network that knows nothing yet."""
    size, wide = options.size, options.size * options.widen
    shapes: dict[str, tuple[int, ...]] = {"item": (products, size), "place": (options.length, size)}
    for layer in range(options.layers):
        shapes |= {
            f"{layer}.attend": (size, 3 * size),
            f"{layer}.join": (size, size),
            f"{layer}.join_gate": (size, size),
            f"{layer}.widen": (size, wide),
            f"{layer}.narrow": (wide, size),
            f"{layer}.narrow_gate": (size, size),
        }
    tensors = {name: _drawn(name, shape, generator) for name, shape in shapes.items()}
    for name in ["end", *(f"{layer}.{part}" for layer in range(options.layers) for part in ("before", "between"))]:
        tensors[f"{name}.scale"], tensors[f"{name}.shift"] = torch.ones(size), torch.zeros(size)
    for tensor in tensors.values():
        tensor.requires_grad_(True)
    return tensors


def _drawn(name: str, shape: tuple[int, ...], generator: Any) -> Tensor:
    spread = 0.05 if name in ("item", "place") else float(shape[0]) ** -0.5
    return torch.randn(*shape, generator=generator) * spread


def states(tensors: Tensors, items: Tensor, options: SequentialOptions, *, learning: bool) -> Tensor:
    """What is expected after each step: rows by steps by dimensions, for rows by steps of product numbers."""

    def drop(values: Tensor) -> Tensor:
        return dropout(values, options.dropout, training=learning)

    found = tensors["item"][items] * options.size**0.5 + tensors["place"][: items.shape[1]]
    found = drop(found)
    for layer in range(options.layers):
        mine = {name.partition(".")[2]: tensor for name, tensor in tensors.items() if name.startswith(f"{layer}.")}
        plain = _normal(found, mine, "before.")
        joined = _attended(plain @ mine["attend"], options.heads) @ mine["join"]
        found = found + drop(joined) * torch.sigmoid(plain @ mine["join_gate"])
        plain = _normal(found, mine, "between.")
        inner = silu(plain @ mine["widen"]) @ mine["narrow"]
        found = found + drop(inner) * torch.sigmoid(plain @ mine["narrow_gate"])
    return _normal(found, tensors, "end.")


def _normal(values: Tensor, tensors: Tensors, name: str) -> Tensor:
    return layer_norm(values, (values.shape[-1],), tensors[f"{name}scale"], tensors[f"{name}shift"])


def _attended(mixed: Tensor, heads: int) -> Tensor:
    rows, steps, wide = mixed.shape
    parts = mixed.view(rows, steps, 3, heads, wide // (3 * heads)).permute(2, 0, 3, 1, 4)
    found = scaled_dot_product_attention(parts[0], parts[1], parts[2], is_causal=True)
    return found.transpose(1, 2).reshape(rows, steps, wide // 3)
