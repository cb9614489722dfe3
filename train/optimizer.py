"""Muon for the kernels, AdamW for everything else, one learning-rate schedule for both."""

from typing import Any

import torch
from torch import Tensor, nn

# Coefficients of the quintic Newton–Schulz iteration (Jordan et al., "Muon", 2024): fast, not exact, orthogonalisation.
QUINTIC = (3.4445, -4.7750, 2.0315)
STEPS = 5  # rounds of that iteration
MOMENTUM = 0.95
WARM = 0.1  # share of a run after which the learning rate has its peak
RMS = 0.2  # root mean square of an update, about that of AdamW's, so both share a learning rate (Liu et al. 2025)


def orthogonalise(matrix: Tensor) -> Tensor:
    """Return a matrix like `matrix` (rows, columns) whose singular values are all near 1.

    Each step multiplies by a polynomial of the Gram matrix.  The polynomials are multiplied first, because they have
    the size of the matrix's short side, in kernels about a ninth of the long one: only two products need the long one.
    """
    a, b, c = QUINTIC
    x = matrix / (matrix.norm() + 1e-7)
    wide: Tensor = x if x.shape[0] <= x.shape[1] else x.T
    gram, product = wide @ wide.T, torch.eye(len(wide)).to(wide)
    for _ in range(STEPS):
        factor = torch.addmm(gram, gram, gram, beta=b, alpha=c)  # b gram + c gram²
        factor.diagonal().add_(a)
        product = product @ factor
        gram = factor @ gram @ factor
    wide = product @ wide
    return wide if x.shape[0] <= x.shape[1] else wide.T


class Muon(torch.optim.Optimizer):
    """Nesterov momentum whose update is orthogonalised, for convolution kernels and matrices.

    torch.optim.Muon takes matrices only and always computes in bfloat16, which a CPU without bf16 units emulates 25
    times slower than float32.
    """

    def __init__(self, parameters: list[dict[str, Any]], lr: float, weight_decay: float) -> None:
        super().__init__(parameters, {"lr": lr, "weight_decay": weight_decay})

    @torch.no_grad()
    def step(self, closure: None = None) -> None:  # type: ignore[override]
        """Update every parameter from its gradient."""
        for group in self.param_groups:
            for p in group["params"]:
                state = self.state[p]
                momentum = state.setdefault("momentum", torch.zeros_like(p))
                momentum.lerp_(p.grad, 1 - MOMENTUM)
                update = orthogonalise(p.grad.lerp(momentum, MOMENTUM).flatten(1))
                scale = RMS * max(update.shape) ** 0.5
                p.mul_(1 - group["lr"] * group["weight_decay"])
                p.add_(update.view(p.shape), alpha=-group["lr"] * scale)


LAST = ("dense", "classify", "accept")  # the layers after the trunk


def optimizers(model: nn.Module, lr: float, weight_decay: float, trunk: float = 1.0) -> list[torch.optim.Optimizer]:
    """Return the optimizers of `model`: Muon for hidden kernels and matrices, AdamW for the rest.

    Each group of parameters holds a factor on the rate as "scale": `trunk` for all but the last layers, else 1.
    """
    hidden = {name for name, p in model.named_parameters() if p.ndim > 1 and name.startswith(("stages", "dense"))}
    found: list[torch.optim.Optimizer] = []
    for kind in (True, False):
        groups = [
            {
                "params": [
                    p
                    for name, p in model.named_parameters()
                    if p.requires_grad and (name in hidden) == kind and name.startswith(LAST) == last
                ],
                "scale": 1.0 if last else trunk,
            }
            for last in (False, True)
        ]
        if kind:
            found.append(Muon(groups, lr, weight_decay))
        else:
            found.append(torch.optim.AdamW(groups, lr, betas=(0.9, 0.99), weight_decay=weight_decay, fused=True))
    return found


def learning_rate(progress: float, peak: float) -> float:
    """Return the rate at `progress` in 0…1: linear up to `peak` at WARM, then linear down to zero."""
    return peak * min(progress / WARM, (1 - progress) / (1 - WARM))
